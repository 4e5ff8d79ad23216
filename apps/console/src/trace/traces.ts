import { groupOf } from '@millrace/endpoints';
import { type Route, RouteTable } from '@millrace/routes';
import { type Delivery, INBOX, isReadBy, topicOf, topicStream, UNROUTED } from '@millrace/streams';
import { type GroupRegistration, RedisTransport, type TraceRecord } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { Observer } from '../pipeline/observer.js';
import { least, timeOfId } from '../pipeline/views.js';
import { ManagedRoutes } from '../routes/managed-routes.js';
import { parsed } from '../topics/stored-event.js';
import { Webhooks } from '../webhooks/webhooks.js';
import { DeliveryFinder } from './delivery-finder.js';
import { EventFinder, type EventName } from './event-finder.js';
import { verdictsOf } from './route-verdicts.js';
import type { DeliveryTrace, Origin, SinkTrace, TopicTrace, Trace } from './trace.js';
import { withAttempts } from './webhook-attempts.js';

/** Topics that are looked into where it is in none that it should be in. */
const MOST_TOPICS = 50;
const ATTEMPTS = 1000;
const ROUTER = 'router';
const NOTHING: DeliveryTrace = {
  ...{ state: 'unknown', at: null, parkedUntil: null, attempts: [], deadLetter: null, redriven: 0 },
};

/** Which routes decided. */
interface Decision {
  readonly version: number | null;
  readonly routes: readonly Route[];
  readonly inForce: readonly Route[];
  readonly isChanged: boolean;
}

/** What is known of an event before its way is looked up. */
interface Known {
  readonly name: EventName;
  readonly inbox: Origin;
  /** As it came in; undefined where it was trimmed. */
  readonly json: string | undefined;
  readonly records: readonly TraceRecord[];
  readonly groups: readonly GroupRegistration[];
}

/** Puts together the way of one event, from what is stored and from the records. Rejects with `Unavailable`. */
@Injectable()
export class Traces {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(EventFinder) private readonly events: EventFinder,
    @Inject(DeliveryFinder) private readonly deliveries: DeliveryFinder,
    @Inject(ManagedRoutes) private readonly routes: ManagedRoutes,
    @Inject(Observer) private readonly observer: Observer,
    @Inject(Webhooks) private readonly webhooks: Webhooks,
  ) {}

  async of(name: EventName): Promise<Trace> {
    const [found, { sample }] = await Promise.all([this.events.inInbox(name), this.transport.controls.trace()]);
    const { partition, position, looked } = found;
    if (position === undefined) return unknown(name, sample, looked);
    const [delivery, records, groups] = await Promise.all([
      this.events.at({ name: INBOX, partition }, position),
      this.transport.traces.of(partition, name.source, name.id),
      this.transport.registry.groups(),
    ]);
    const inbox: Origin = { stream: INBOX, position, partition };
    const router = groups.find(({ hop }) => hop === ROUTER)?.group ?? ROUTER;
    const routing = await this.deliveries.find(router, inbox, INBOX, records);
    const guess = await this.decision(routing, partition, timeOfId(position));
    const known: Known = { name, inbox, json: delivery?.event.json, records, groups };
    const { topics, json, looked: lookedForCopies } = await this.copies(known, guess, routing);
    // It was decided when its first copy was made.
    const decidedAt = least(topics.map(({ at }) => at));
    const decision = decidedAt === null ? guess : await this.decision(routing, partition, decidedAt);
    const expected = likelyTopics(known, decision.routes);
    return {
      ...name,
      found: true,
      inbox: { streamId: position, partition, at: timeOfId(position), retained: delivery !== undefined },
      event: json === undefined ? null : parsed(json),
      type: delivery?.event.type ?? typeOf(json),
      routing: {
        ...routing,
        version: decision.version,
        changedSince: decision.isChanged,
        routes: json === undefined ? [] : verdictsOf(decision.routes, json),
      },
      topics: topics.filter(({ topic, streamId }) => streamId !== null || expected.includes(topic)),
      sample,
      looked: looked + lookedForCopies,
    };
  }

  /** The routes that decided, as far as that is known; else those in force. */
  private async decision({ state }: DeliveryTrace, partition: number, time: number): Promise<Decision> {
    const inForce = await this.routes.inForce();
    if (state !== 'done') return { version: null, routes: inForce, inForce, isChanged: false };
    const decided = await this.routes.decidedAt(partition, time);
    if (decided === undefined) {
      const [newest] = await this.routes.history(1, undefined);
      return { version: null, routes: inForce, inForce, isChanged: newest !== undefined && newest.at > time };
    }
    const isChanged = new RouteTable(decided.routes).digest !== new RouteTable(inForce).digest;
    return { ...decided, inForce, isChanged };
  }

  /**
   * Its copies, in the topics that the records and the routes name; also where the routes of now would have it, and where
   * what they did not match was, if it was routed again. Where it is in none of them, among all there are: the router may have been so far behind that other routes
   * decided.
   */
  private async copies(
    known: Known,
    { routes, inForce, isChanged }: Decision,
    { state }: DeliveryTrace,
  ): Promise<{ topics: TopicTrace[]; json: string | undefined; looked: number }> {
    const likely = likelyTopics(known, routes);
    const found = await Promise.all(likely.map((topic) => this.topic(topic, known)));
    const isMissing = state === 'done' && found.every(({ trace }) => trace.streamId === null);
    const now = isChanged ? [...likelyTopics(known, inForce), UNROUTED] : [];
    const possible = isMissing ? await this.observer.topicNames() : now;
    const others = [...new Set(possible)].filter((topic) => !likely.includes(topic)).slice(0, MOST_TOPICS);
    const elsewhere = await Promise.all(others.map((topic) => this.topic(topic, known)));
    const all = [...found, ...elsewhere.filter(({ trace }) => trace.streamId !== null)];
    return {
      topics: all.map(({ trace }) => trace),
      json: known.json ?? all.find(({ json }) => json !== undefined)?.json,
      looked: [...found, ...elsewhere].reduce((sum, { looked }) => sum + looked, 0),
    };
  }

  private async topic(
    topic: string,
    known: Known,
  ): Promise<{ trace: TopicTrace; looked: number; json: string | undefined }> {
    const { inbox, records, groups } = known;
    const stream = { name: topicStream(topic), partition: inbox.partition };
    const recorded = records.find((record) => record.stream === stream.name)?.position;
    const { delivery, looked } = await this.copy(stream.name, recorded, known);
    const position = delivery?.position ?? recorded;
    const origin = position === undefined ? undefined : { ...inbox, stream: stream.name, position };
    const readers = groups.filter(({ streams }) => isReadBy(stream.name, streams) || isEndpoint(streams));
    const sinks = origin === undefined ? [] : await Promise.all(readers.map((one) => this.sink(one, origin, records)));
    const trace: TopicTrace = {
      topic,
      streamId: delivery?.position ?? null,
      partition: inbox.partition,
      at: position === undefined ? null : timeOfId(position),
      transformed: delivery !== undefined && known.json !== undefined && delivery.event.json !== known.json,
      sinks: sinks.filter((one) => one !== undefined),
    };
    return { trace, looked, json: delivery?.event.json };
  }

  private async copy(
    stream: string,
    recorded: string | undefined,
    { inbox, name }: Known,
  ): Promise<{ delivery: Delivery | undefined; looked: number }> {
    const where = { name: stream, partition: inbox.partition };
    if (recorded !== undefined) return { delivery: await this.events.at(where, recorded), looked: 1 };
    return this.events.copyIn(where, inbox.position, name);
  }

  /** Of an endpoint only what there is a sign of: that it gets everything cannot be told from here. */
  private async sink(
    { group, hop, streams }: GroupRegistration,
    origin: Origin,
    records: readonly TraceRecord[],
  ): Promise<SinkTrace | undefined> {
    const own = streams.find((name) => name.startsWith('hook:'));
    if (own === undefined) {
      return { group, hop, endpoint: null, ...(await this.deliveries.find(group, origin, origin.stream, records)) };
    }
    const endpoint = own.slice('hook:'.length);
    const [found, attempts] = await Promise.all([
      this.deliveries.find(groupOf(endpoint), origin, own, records),
      this.webhooks.attempts(endpoint, ATTEMPTS),
    ]);
    const trace = withAttempts(found, attempts, origin);
    return trace.state === 'unknown' && trace.attempts.length === 0 ? undefined : { group, hop, endpoint, ...trace };
  }
}

/** Topics that the records name, and those that the routes do. */
const likelyTopics = ({ records, json }: Known, routes: readonly Route[]): string[] => {
  const recorded = records.flatMap(({ to = [], stream }) => [...to, stream].flatMap((one) => topicOf(one) ?? []));
  if (json === undefined) return [...new Set(recorded)];
  const matching = verdictsOf(routes, json).filter(({ matched }) => matched);
  return [
    ...new Set([...recorded, ...(matching.length === 0 ? [UNROUTED] : matching.flatMap(({ topics }) => topics))]),
  ];
};

const isEndpoint = (streams: readonly string[]): boolean => streams.some((name) => name.startsWith('hook:'));

const typeOf = (json: string | undefined): string | null => {
  const { type } = ((json === undefined ? undefined : parsed(json)) ?? {}) as { type?: unknown };
  return typeof type === 'string' ? type : null;
};

const unknown = (name: EventName, sample: number, looked: number): Trace => ({
  ...name,
  ...{ found: false, inbox: null, event: null, type: null, topics: [], sample, looked },
  routing: { ...NOTHING, version: null, changedSince: false, routes: [] },
});
