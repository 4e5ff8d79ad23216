import type { Sink, Snapshot, Stream } from '@millrace/admin-api';
import type { History } from '../../api/history.js';

/** What a box of the drawing stands for. */
export interface FlowNode {
  readonly id: string;
  readonly kind: 'gateway' | 'in' | 'router' | 'topic' | 'sink' | 'endpoint';
  readonly name: string;
  /** Below the name, in a few words. */
  readonly note: string;
  readonly tone: 'plain' | 'warn' | 'bad';
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** Events a second; undefined where nobody counts them, or until there are two looks. */
  readonly rate: number | undefined;
}

export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

/** Says numbers as the drawing shows them. */
export interface Words {
  readonly amount: (value: number) => string;
}

const TOPIC = 'topic:';
const HOOK = 'hook:';

const topicOf = (snapshot: Snapshot, name: string): Stream | undefined =>
  snapshot.topics.find((one) => one.name === name);
/** What a group has taken from a stream so far. */
const taken = (stream: Stream | undefined, group: string): number | undefined => {
  const found = stream?.groups.find((one) => one.group === group);
  return stream === undefined || found === undefined ? undefined : stream.added - found.lag;
};

const isEndpoint = ({ streams }: Sink): boolean => streams.some((name) => name.startsWith(HOOK));
const isRouter = ({ streams }: Sink): boolean => streams.includes('in');

const noteOf = (sink: Sink, { amount }: Words): Pick<FlowNode, 'note' | 'tone'> => {
  if (sink.paused !== null && sink.paused !== undefined) return { note: 'paused', tone: 'warn' };
  if (sink.deadLetters > 0) return { note: `${amount(sink.deadLetters)} dead`, tone: 'bad' };
  if (sink.parked > 0) return { note: `${amount(sink.parked)} in retry`, tone: 'warn' };
  const behind = sink.lag + sink.pending;
  return { note: behind === 0 ? 'up to date' : `${amount(behind)} behind`, tone: 'plain' };
};

/** The graph of a snapshot: gateway, in, router, topics, sinks, endpoints. Rates are those of the last seconds. */
export const flowOf = (snapshot: Snapshot, history: History, words: Words): Flow => {
  const router = snapshot.sinks.find(isRouter);
  const sinks = snapshot.sinks.filter((sink) => !isRouter(sink) && !isEndpoint(sink));
  const endpoints = snapshot.sinks.filter(isEndpoint);
  const nodes: FlowNode[] = [
    { id: 'gateway', kind: 'gateway', name: 'gateway', note: 'HTTP', tone: 'plain' },
    { id: 'in', kind: 'in', name: 'in', note: words.amount(snapshot.inbox.length), tone: 'plain' },
    {
      id: 'router',
      kind: 'router',
      name: 'router',
      ...(router ? noteOf(router, words) : { note: 'offline', tone: 'warn' }),
    },
    ...snapshot.topics.map(
      ({ name, length }): FlowNode => ({
        id: `${TOPIC}${name}`,
        kind: 'topic',
        name,
        tone: 'plain',
        note: words.amount(length),
      }),
    ),
    ...sinks.map((sink): FlowNode => ({ id: sink.name, kind: 'sink', name: sink.name, ...noteOf(sink, words) })),
    ...endpoints.map(
      (sink): FlowNode => ({
        id: sink.name,
        kind: 'endpoint',
        name: sink.name.replace(/^hook\./, ''),
        ...noteOf(sink, words),
      }),
    ),
  ];
  const edges: FlowEdge[] = [
    { from: 'gateway', to: 'in', rate: history.rate(({ inbox }) => inbox.added) },
    { from: 'in', to: 'router', rate: history.rate(({ inbox }) => taken(inbox, router?.name ?? '')) },
    ...snapshot.topics.map(
      ({ name }): FlowEdge => ({
        from: 'router',
        to: `${TOPIC}${name}`,
        rate: history.rate((one) => topicOf(one, name)?.added),
      }),
    ),
    // Who reads a topic is said by the topic: a sink may have registered for all there are.
    ...snapshot.topics.flatMap((topic) =>
      sinks
        .filter((sink) => topic.groups.some(({ group }) => group === sink.name))
        .map(
          (sink): FlowEdge => ({
            from: `${TOPIC}${topic.name}`,
            to: sink.name,
            rate: history.rate((one) => taken(topicOf(one, topic.name), sink.name)),
          }),
        ),
    ),
    ...endpoints.flatMap((endpoint): FlowEdge[] => {
      const from = sinks.find(({ hop }) => hop === endpoint.hop);
      return from === undefined ? [] : [{ from: from.name, to: endpoint.name, rate: undefined }];
    }),
  ];
  return { nodes, edges };
};
