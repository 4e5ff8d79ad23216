import type { Flow, FlowEdge, FlowNode } from './flow.js';

export interface Box {
  readonly node: FlowNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly edge: FlowEdge;
  /** An SVG path. */
  readonly path: string;
  /** Where its rate is written; undefined: the box says it. */
  readonly label: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' } | undefined;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly isNarrow: boolean;
}

const NARROW = 860;
const HEIGHT = 38;
const PITCH = 48;
const FIXED = 82;
const GAPS = { fixed: 60, topics: 84, sinks: 92, endpoints: 52 };
const MARGIN = 2;

type Boxes = ReadonlyMap<string, Box>;

const ofKind = ({ nodes }: Flow, ...kinds: readonly FlowNode['kind'][]): FlowNode[] =>
  nodes.filter(({ kind }) => kinds.includes(kind));

const curve = (from: Box, to: Box): string => {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
};

const byId = (boxes: readonly Box[]): Boxes => new Map(boxes.map((box) => [box.node.id, box]));

/** Columns from the left to the right; each stands in the middle of the height. */
const wide = (flow: Flow, width: number): Layout => {
  const endpoints = ofKind(flow, 'endpoint');
  const columns = [ofKind(flow, 'topic'), ofKind(flow, 'sink'), ...(endpoints.length > 0 ? [endpoints] : [])];
  const rows = Math.max(1, ...columns.map(({ length }) => length));
  const height = rows * PITCH - (PITCH - HEIGHT) + 2 * MARGIN;
  const gaps = 2 * GAPS.fixed + GAPS.topics + GAPS.sinks + (endpoints.length > 0 ? GAPS.endpoints : 0);
  const each = Math.floor((width - 2 * MARGIN - 3 * FIXED - gaps) / columns.length);
  const boxes: Box[] = [];
  const place = (nodes: readonly FlowNode[], x: number, boxWidth: number): void => {
    const top = (height - (nodes.length * PITCH - (PITCH - HEIGHT))) / 2;
    for (const [i, node] of nodes.entries())
      boxes.push({ node, x, y: top + i * PITCH, width: boxWidth, height: HEIGHT });
  };
  let x = MARGIN;
  for (const [kind, gap] of [
    ['gateway', GAPS.fixed],
    ['in', GAPS.fixed],
    ['router', GAPS.topics],
  ] as const) {
    place(ofKind(flow, kind), x, FIXED);
    x += FIXED + gap;
  }
  for (const [i, column] of columns.entries()) {
    place(column, x, each);
    x += each + (i === 0 ? GAPS.sinks : GAPS.endpoints);
  }
  const found = byId(boxes);
  return { width, height, boxes, lines: linesOf(flow, found, curve, labelWide), isNarrow: false };
};

type Path = (from: Box, to: Box) => string;
type Label = (edge: FlowEdge, from: Box, to: Box) => Line['label'];

const linesOf = (flow: Flow, boxes: Boxes, path: Path, label: Label): Line[] =>
  flow.edges.flatMap((edge) => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ edge, path: path(from, to), label: label(edge, from, to) }];
  });

/** A rate stands where its line meets no other: over a straight one, else at the end that is its own. */
const labelWide: Label = (edge, from, to) => {
  if (edge.from === 'gateway' || edge.from === 'in') {
    return { x: (from.x + from.width + to.x) / 2, y: from.y + from.height / 2 - 6, anchor: 'middle' };
  }
  if (to.node.kind === 'topic') return { x: to.x - 6, y: to.y + to.height / 2 - 5, anchor: 'end' };
  return undefined;
};

/** Gateway, in and router in a row; below it topics hang on the router, beside them the sinks with their endpoints. */
const narrow = (flow: Flow, width: number): Layout => {
  const top = ['gateway', 'in', 'router'] as const;
  const gap = (width - 2 * MARGIN - 3 * FIXED) / 2;
  const boxes: Box[] = top.flatMap((kind, i) =>
    ofKind(flow, kind).map((node) => ({
      node,
      x: MARGIN + i * (FIXED + gap),
      y: MARGIN,
      width: FIXED,
      height: HEIGHT,
    })),
  );
  const [indent, between, below] = [14, 40, HEIGHT + 34];
  const column = Math.floor((width - 2 * MARGIN - indent - between) / 2);
  for (const [i, node] of ofKind(flow, 'topic').entries()) {
    boxes.push({ node, x: MARGIN + indent, y: below + i * PITCH, width: column, height: HEIGHT });
  }
  const right = MARGIN + indent + column + between;
  for (const [i, node] of underTheirSinks(flow).entries()) {
    const shift = node.kind === 'endpoint' ? indent : 0;
    boxes.push({ node, x: right + shift, y: below + i * PITCH, width: column - shift, height: HEIGHT });
  }
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { width, height, boxes, lines: linesOf(flow, byId(boxes), pathNarrow, labelNarrow), isNarrow: true };
};

const underTheirSinks = (flow: Flow): FlowNode[] => {
  const endpoints = ofKind(flow, 'endpoint');
  const parentOf = new Map(flow.edges.map(({ from, to }) => [to, from]));
  const orphans = endpoints.filter(({ id }) => !parentOf.has(id));
  const sinks = ofKind(flow, 'sink');
  return [
    ...sinks.flatMap((sink) => [sink, ...endpoints.filter(({ id }) => parentOf.get(id) === sink.id)]),
    ...orphans,
  ];
};

const pathNarrow: Path = (from, to) => {
  if (to.node.kind === 'topic') {
    const [x, y] = [from.x + from.width / 2, from.y + from.height];
    return `M${x} ${y}V${y + 18}H${MARGIN}V${to.y + to.height / 2}H${to.x}`;
  }
  if (to.node.kind === 'endpoint') {
    const x = from.x + 6;
    return `M${x} ${from.y + from.height}V${to.y + to.height / 2}H${to.x}`;
  }
  return curve(from, to);
};

const labelNarrow: Label = (edge, from, to) =>
  to.node.kind === 'in' || to.node.kind === 'router' ? labelWide(edge, from, to) : undefined;

/** Where everything stands in so many pixels. */
export const layoutOf = (flow: Flow, width: number): Layout =>
  width < NARROW ? narrow(flow, width) : wide(flow, width);
