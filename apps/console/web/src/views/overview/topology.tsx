import './topology.css';
import { useState } from 'react';
import { useLive } from '../../api/live.js';
import { href } from '../../shell/location.js';
import { compact, rate } from '../../ui/format.js';
import { useWidth } from '../../ui/use-width.js';
import { type FlowEdge, type FlowNode, flowOf } from './flow.js';
import { type Box, type Line, layoutOf } from './layout.js';

const LETTER = 6.7;
const SPACE = 18;

const fit = (text: string, width: number): string => {
  const most = Math.floor((width - SPACE) / LETTER);
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
};

const linkOf = ({ kind, name, id }: FlowNode): string | undefined => {
  if (kind === 'in') return href(['topics', 'in']);
  if (kind === 'topic') return href(['topics', name]);
  if (kind === 'router') return href(['routes']);
  if (kind === 'sink') return href(['sinks', id]);
  if (kind === 'endpoint') return href(['webhooks', name]);
  return undefined;
};

/** One pixel for what rests, up to four for thousands a second. */
const strokeOf = (perSecond: number | undefined): number => 1.2 + Math.min(2.8, Math.log10(1 + (perSecond ?? 0)) * 0.9);

const touches = ({ from, to }: FlowEdge, id: string | undefined): boolean =>
  id === undefined || from === id || to === id;

const isMoving = ({ rate: perSecond }: FlowEdge): boolean => (perSecond ?? 0) > 0;

const Edge = ({ line: { edge, path }, isFaint }: { line: Line; isFaint: boolean }) => {
  const width = strokeOf(edge.rate);
  return (
    <g className={`edge${isMoving(edge) ? ' flows' : ''}${isFaint ? ' faint' : ''}`}>
      <path d={path} strokeWidth={width}>
        {edge.rate === undefined ? null : <title>{`${edge.from} to ${edge.to}: ${rate(edge.rate)}`}</title>}
      </path>
      {isMoving(edge) ? <path className="moves" d={path} strokeWidth={Math.max(1, width - 0.6)} /> : null}
    </g>
  );
};

const Rate = ({ line: { edge, label } }: { line: Line }) =>
  label === undefined || edge.rate === undefined ? null : (
    <text className={isMoving(edge) ? 'rate moving' : 'rate'} x={label.x} y={label.y} textAnchor={label.anchor}>
      {rate(edge.rate)}
    </text>
  );

/** What moves is drawn over what rests. */
const restingFirst = (lines: readonly Line[]): Line[] =>
  [...lines].sort((a, b) => Number(isMoving(a.edge)) - Number(isMoving(b.edge)));

const Node = ({
  box,
  into,
  onPoint,
}: {
  box: Box;
  into: number | undefined;
  onPoint: (id: string | undefined) => void;
}) => {
  const { node, x, y, width, height } = box;
  const to = linkOf(node);
  const drawn = (
    <>
      <rect x={x} y={y} width={width} height={height} rx={6} />
      <text className="name" x={x + 9} y={y + 16}>
        {fit(node.name, width)}
        <title>{node.name}</title>
      </text>
      <text className={`note ${node.tone}`} x={x + 9} y={y + 30}>
        {node.note}
      </text>
      {into === undefined ? null : (
        <text className={into > 0 ? 'rate moving' : 'rate'} x={x + width - 8} y={y + 30} textAnchor="end">
          {rate(into)}
        </text>
      )}
    </>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only brings its lines forward
    <g className={`box ${node.kind}`} onMouseEnter={() => onPoint(node.id)} onMouseLeave={() => onPoint(undefined)}>
      {to === undefined ? (
        drawn
      ) : (
        <a href={to} onFocus={() => onPoint(node.id)} onBlur={() => onPoint(undefined)}>
          {drawn}
        </a>
      )}
    </g>
  );
};

/** The way of an event, drawn, with what moves on it now. */
export const Topology = () => {
  const { snapshot, history } = useLive();
  const [box, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<string | undefined>();
  if (snapshot === null) return <div ref={box} className="topology" />;
  const flow = flowOf(snapshot, history, { amount: compact });
  const { height, boxes, lines, isNarrow } = layoutOf(flow, Math.max(width, 300));
  const into = (id: string): number | undefined => {
    const rates = flow.edges.filter(({ to }) => to === id).flatMap((edge) => edge.rate ?? []);
    return rates.length === 0 ? undefined : rates.reduce((sum, one) => sum + one, 0);
  };
  return (
    <div ref={box} className="topology">
      {width === 0 ? null : (
        // biome-ignore lint/a11y/useSemanticElements: a group of links, drawn
        <svg width={width} height={height} role="group" aria-label="Flow of events, with events/s">
          {restingFirst(lines).map((line) => (
            <Edge key={`${line.edge.from} ${line.edge.to}`} line={line} isFaint={!touches(line.edge, pointed)} />
          ))}
          {lines.map((line) => (
            <Rate key={`${line.edge.from} ${line.edge.to}`} line={line} />
          ))}
          {boxes.map((one) => (
            <Node
              key={one.node.id}
              box={one}
              into={one.node.kind === 'sink' || (isNarrow && one.node.kind === 'topic') ? into(one.node.id) : undefined}
              onPoint={setPointed}
            />
          ))}
        </svg>
      )}
    </div>
  );
};
