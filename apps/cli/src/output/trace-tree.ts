import type { LetterRef, Rerouting, Trace, TraceAttempt, TraceRoute, TraceSink, TraceState } from '@millrace/admin-api';
import { spanOf, timeOf } from '../input/times.js';
import { type Ink, jsonOf, Line, line, paint } from './text.js';

/** A line and what is below it. */
interface Node {
  readonly text: Line;
  readonly below?: readonly Node[];
}

const STATES: Readonly<Record<TraceState, readonly [ink: Ink, words: string]>> = {
  done: ['green', 'done'],
  waiting: ['blue', 'unread'],
  'in-hand': ['blue', 'in flight'],
  parked: ['yellow', 'scheduled for retry'],
  dead: ['red', 'dead-lettered'],
  purged: ['red', 'dead-lettered; purged'],
  paused: ['yellow', 'unread: the sink is paused'],
  unknown: ['dim', 'unknown'],
};

const traceStatus = (state: TraceState, at: number | null): Line => {
  const [ink, words] = STATES[state] ?? ['dim', String(state)];
  return line`${paint(ink, words)}${at === null ? '' : ` ${timeOf(at)}`}`;
};

/** The way of an event as a tree. */
export const treeOf = (trace: Trace): Line[] => {
  const { source, id, type, inbox, routing, topics } = trace;
  const head = line`${paint('bold', `${source} ${id}`)}${type === null ? '' : line`  ${paint('cyan', type)}`}`;
  const matched = routing.routes.filter((route) => route.matched);
  const others = routing.routes.filter((route) => !route.matched);
  const nodes: Node[] = [
    inboxNode(inbox),
    {
      text: line`routing  ${traceStatus(routing.state, routing.at)}${versionOf(routing)}`,
      below: [
        ...attemptNodes(routing.attempts),
        ...letterNodes(routing.deadLetter),
        ...changeNodes(routing),
        ...matched.map(matchedNode),
        ...others.map(failedNode),
      ],
    },
    ...topics.map(topicNode),
  ];
  const note =
    trace.sample < 1
      ? [paint('dim', `${Math.round(trace.sample * 100)} % of deliveries are recorded: attempts may be missing here`)]
      : [];
  return [head, ...drawn(nodes, ''), ...note];
};

const versionOf = ({ version = null }: Trace['routing']): string =>
  version === null ? '' : ` by version ${version} of the routes`;

const changeNodes = ({ changedSince, version = null }: Trace['routing']): Node[] => {
  if (!changedSince) return [];
  const so =
    version === null
      ? 'the routes below are the current ones, not necessarily those that decided'
      : 'the current ones differ';
  return [{ text: paint('yellow', `routes changed since: ${so}`) }];
};

const inboxNode = (inbox: Trace['inbox']): Node => {
  if (inbox === null) return { text: line`inbox  ${paint('dim', 'not found: trimmed, or never received')}` };
  const gone = inbox.retained ? '' : paint('dim', '  trimmed since');
  return { text: line`inbox  ${timeOf(inbox.at)}  ${inbox.streamId} in partition ${inbox.partition}${gone}` };
};

const matchedNode = ({ name, topics }: TraceRoute): Node => ({
  text: line`${paint('green', 'matched')}  ${name} to ${topics.join(', ')}`,
});

/** What of a pattern did not fit; what did says nothing about why the route was not taken. */
const failedNode = ({ name, leaves }: TraceRoute): Node => ({
  text: line`${paint('dim', 'no match')}  ${name}`,
  below: leaves
    .filter(({ passed }) => !passed)
    .map(({ path, accepts, seen }) => ({ text: line`${path} expects ${accepts}, got ${sawOf(seen)}` })),
});

const sawOf = (seen: readonly unknown[]): string =>
  seen.length === 0 ? 'nothing' : seen.map((value) => jsonOf(value)).join(', ');

const topicNode = ({
  topic,
  streamId,
  isSure,
  partition,
  at,
  transformed,
  rerouting,
  sinks,
}: Trace['topics'][number]): Node => {
  const where =
    streamId === null
      ? paint('dim', isSure ? 'trimmed' : 'not found; it may be further on')
      : `${streamId} in partition ${partition}`;
  const when = at === null ? '' : ` ${timeOf(at)}`;
  return {
    text: line`topic ${paint('bold', topic)}${when}  ${where}${transformed ? paint('cyan', '  transformed') : ''}`,
    below: [...sinks.map(sinkNode), ...(rerouting ? againNodes(streamId, rerouting) : [])],
  };
};

/** What no route matched can be routed again; what was, is not advised once more before other routes are live. */
const againNodes = (streamId: string | null, { routedAgain, mayRouteAgain }: Rerouting): Node[] => {
  const command = `millrace replay unrouted --sink router --from ${streamId} --to ${streamId}`;
  const was =
    routedAgain === null
      ? []
      : [
          {
            text: line`routed again ${timeOf(routedAgain.at)} by the replay ${routedAgain.replay}, which is ${routedAgain.state}`,
          },
        ];
  return mayRouteAgain ? [...was, { text: line`no route matched; after fixing one: ${command}` }] : was;
};

const sinkNode = (sink: TraceSink): Node => {
  const { group, endpoint, state, at, parkedUntil, attempts, deadLetter, redriven } = sink;
  const until = parkedUntil === null ? '' : ` until ${timeOf(parkedUntil)}`;
  const again = redriven === 0 ? '' : paint('cyan', `  redriven ${redriven} ${redriven === 1 ? 'time' : 'times'}`);
  const to = endpoint === null ? '' : ` (endpoint ${endpoint})`;
  return {
    text: line`${paint('bold', group)}${to}  ${traceStatus(state, at)}${until}${again}`,
    below: [...attemptNodes(attempts), ...letterNodes(deadLetter)],
  };
};

const OUTCOMES: Readonly<Record<TraceAttempt['outcome'], Ink>> = { done: 'green', retry: 'yellow', rejected: 'red' };

const attemptNodes = (attempts: readonly TraceAttempt[]): Node[] =>
  attempts.map(({ at, attempt, outcome, error, message, ms, status }) => {
    const took = ms === null ? '' : ` in ${spanOf(ms)}`;
    const answered = status === null ? '' : ` status ${status}`;
    const why = [error, message].filter((one) => one !== null && one !== '').join(': ');
    const result = paint(OUTCOMES[outcome] ?? 'dim', outcome);
    return {
      text: line`attempt ${attempt}  ${timeOf(at)}  ${result}${answered}${took}${why === '' ? '' : `  ${why}`}`,
    };
  });

const letterNodes = (letter: LetterRef | null): Node[] =>
  letter === null ? [] : [{ text: line`millrace dlq show ${letter.group} ${letter.partition} ${letter.id}` }];

const drawn = (nodes: readonly Node[], indent: string): Line[] =>
  nodes.flatMap(({ text, below = [] }, i) => {
    const isLast = i === nodes.length - 1;
    return [
      line`${paint('dim', `${indent}${isLast ? '└─ ' : '├─ '}`)}${text}`,
      ...drawn(below, `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });
