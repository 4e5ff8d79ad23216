import type { DeliveryTrace, Trace, TraceSink, TraceTopic } from '@millrace/admin-api';
import { groupOf } from '@millrace/endpoints';
import { Pace } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { type Route, RouteTable } from '@millrace/routes';
import { INBOX, isReadBy, Turns, topicOf, topicStream, UNROUTED } from '@millrace/streams';
import { type GroupRegistration, RedisTransport, type TraceRecord } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { Observer } from '../observation/observer.js';
import { least, timeOfId } from '../observation/views.js';
import { ManagedRoutes } from '../routes/managed-routes.js';
import { parsed } from '../topics/stored-event.js';
import { ManagedEndpoints } from '../webhooks/managed-endpoints.js';
import { DeliveryFinder } from './delivery-finder.js';
import { EventFinder, type EventName, type Found } from './event-finder.js';
import { EventSearch } from './event-search.js';
import type { Origin } from './origin.js';
import { matchingRoutes, verdictsOf } from './route-verdicts.js';
import { Reroutings } from './routed-again.js';
import { withAttempts } from './webhook-attempts.js';

/** Topics that are looked into where it is in none that it should be in. */
const MOST_TOPICS = 50;
/** Topics that are looked into at once. */
const TOPICS_AT_ONCE = 4;
const ATTEMPTS = 1000;
const BEFORE_A_COPY_MS = 1000;
const ROUTER = 'router';
const NOTHING: DeliveryTrace = {
  state: 'unknown',
  at: null,
  parkedUntil: null,
  attempts: [],
  deadLetter: null,
  redriven: 0,
};

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
  /** Where it was found, if that was not in the inbox. */
  readonly copy: { readonly topic: string; readonly position: string } | undefined;
}

/** Puts together the way of one event, from what is stored and from the records. Rejects with `Unavailable`. */
@Injectable()
export class Traces {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(EventFinder) private readonly events: EventFinder,
    @Inject(EventSearch) private readonly search: EventSearch,
    @Inject(Reroutings) private readonly reroutings: Reroutings,
    @Inject(DeliveryFinder) private readonly deliveries: DeliveryFinder,
    @Inject(ManagedRoutes) private readonly routes: ManagedRoutes,
    @Inject(Observer) private readonly observer: Observer,
    @Inject(ManagedEndpoints) private readonly webhooks: ManagedEndpoints,
  ) {}

  /** `from` is the `next` of an earlier answer, where nothing was found so far; undefined where it is none. */
  async of(name: EventName, from?: string): Promise<Trace | undefined> {
    const [seen, { sample }] = await Promise.all([this.events.inWindow(name), this.operations.settings.trace()]);
    if (seen !== undefined) return this.at(name, seen, { sample, looked: 0, copy: undefined });
    const searched = await this.search.look(name, from);
    if (searched === undefined) return undefined;
    const { found, looked, next } = searched;
    if (found === undefined) return unknown(name, sample, looked, next);
    const { streamId, partition } = found.event;
    // Of a copy alone it is known that the event came in before, and hardly long before.
    const isOfInbox = found.topic === INBOX;
    const position = isOfInbox ? streamId : `${Math.max(0, timeOfId(streamId) - BEFORE_A_COPY_MS)}-0`;
    const copy = isOfInbox ? undefined : { topic: found.topic, position: streamId };
    return this.at(name, { position, partition }, { sample, looked, copy });
  }

  private async at(
    name: EventName,
    { position, partition }: { position: string; partition: number },
    { sample, looked, copy }: { sample: number; looked: number; copy: Known['copy'] },
  ): Promise<Trace> {
    const [delivery, records, groups] = await Promise.all([
      this.events.at({ name: INBOX, partition }, position),
      this.operations.traces.of(partition, name.source, name.id),
      this.transport.registry.groups(),
    ]);
    const inbox: Origin = { stream: INBOX, position, partition };
    const router = groups.find(({ hop }) => hop === ROUTER)?.group ?? ROUTER;
    const routing = await this.deliveries.find(router, inbox, INBOX, records);
    const guess = await this.decision(routing, partition, timeOfId(position));
    const known: Known = { name, inbox, json: delivery?.event.json, records, groups, copy };
    const { topics, json, looked: lookedForCopies } = await this.copies(known, guess, routing);
    // It was decided when its first copy was made.
    const decidedAt = least(topics.map(({ at }) => at));
    const decision = decidedAt === null ? guess : await this.decision(routing, partition, decidedAt);
    const expected = await likelyTopics(known, decision.routes);
    return {
      ...name,
      found: true,
      inbox:
        copy === undefined
          ? { streamId: position, partition, at: timeOfId(position), retained: delivery !== undefined }
          : null,
      event: json === undefined ? null : parsed(json),
      type: delivery?.event.type ?? typeOf(json),
      routing: {
        ...routing,
        version: decision.version,
        changedSince: decision.isChanged,
        routes: json === undefined ? [] : await new Pace().through(verdictsOf(decision.routes, json)),
      },
      topics: await this.withRerouting(
        topics.filter(({ topic, streamId }) => streamId !== null || expected.includes(topic)),
      ),
      sample,
      looked: looked + lookedForCopies,
      next: null,
    };
  }

  private withRerouting(topics: readonly TraceTopic[]): Promise<TraceTopic[]> {
    const isElsewhere = topics.some(({ topic, streamId }) => topic !== UNROUTED && streamId !== null);
    return Promise.all(
      topics.map(async (one) => {
        if (one.topic !== UNROUTED || one.streamId === null || isElsewhere) return one;
        return { ...one, rerouting: await this.reroutings.of(one.partition, one.streamId) };
      }),
    );
  }

  /** The routes that decided, as far as that is known; else those live. */
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
  private async copies(known: Known, { routes, inForce, isChanged }: Decision, { state }: DeliveryTrace) {
    const likely = await likelyTopics(known, routes);
    const found = await this.topics(likely, known);
    const isMissing = state === 'done' && found.every(({ trace }) => trace.streamId === null);
    const now = isChanged ? [...(await likelyTopics(known, inForce)), UNROUTED] : [];
    const possible = isMissing ? await this.observer.topicNames() : now;
    const others = [...new Set(possible)].filter((topic) => !likely.includes(topic)).slice(0, MOST_TOPICS);
    const elsewhere = await this.topics(others, known);
    const all = [...found, ...elsewhere.filter(({ trace }) => trace.streamId !== null)];
    return {
      topics: all.map(({ trace }) => trace),
      json: known.json ?? all.find(({ json }) => json !== undefined)?.json,
      looked: [...found, ...elsewhere].reduce((sum, { looked }) => sum + looked, 0),
    };
  }

  /** A few at a time: the copy of each is held until it is known what it tells. */
  private topics(names: readonly string[], known: Known): Promise<Awaited<ReturnType<Traces['topic']>>[]> {
    const turns = new Turns(TOPICS_AT_ONCE);
    return Promise.all(names.map((name) => turns.take(() => this.topic(name, known))));
  }

  private async topic(topic: string, known: Known) {
    const { inbox, records, groups } = known;
    const stream = { name: topicStream(topic), partition: inbox.partition };
    const found = known.copy?.topic === topic ? known.copy.position : undefined;
    const recorded = found ?? records.find((record) => record.stream === stream.name)?.position;
    const { delivery, looked, isSure } = await this.copy(stream.name, recorded, known);
    const position = delivery?.position ?? recorded;
    const origin = position === undefined ? undefined : { ...inbox, stream: stream.name, position };
    const readers = groups.filter(({ streams }) => isReadBy(stream.name, streams) || isEndpoint(streams));
    const sinks: (TraceSink | undefined)[] = [];
    // One after the other: each may have much to look through.
    for (const one of origin === undefined ? [] : readers) sinks.push(await this.sink(one, origin as Origin, records));
    const trace: TraceTopic = {
      topic,
      streamId: delivery?.position ?? null,
      isSure,
      rerouting: null,
      partition: inbox.partition,
      at: position === undefined ? null : timeOfId(position),
      transformed: delivery !== undefined && known.json !== undefined && delivery.event.json !== known.json,
      sinks: sinks.filter((one) => one !== undefined),
    };
    return { trace, looked, json: known.json === undefined ? delivery?.event.json : undefined };
  }

  private async copy(stream: string, recorded: string | undefined, { inbox, name }: Known): Promise<Found> {
    const where = { name: stream, partition: inbox.partition };
    if (recorded !== undefined) return { delivery: await this.events.at(where, recorded), looked: 1, isSure: true };
    return this.events.copyIn(where, inbox.position, name);
  }

  /** Of an endpoint only what there is a sign of: that it gets everything cannot be told from here. */
  private async sink({ group, hop, streams }: GroupRegistration, origin: Origin, records: readonly TraceRecord[]) {
    const own = streams.find((name) => name.startsWith('hook:'));
    if (own === undefined) {
      return { group, hop, endpoint: null, ...(await this.deliveries.find(group, origin, origin.stream, records)) };
    }
    const endpoint = own.slice('hook:'.length);
    const [found, { attempts }] = await Promise.all([
      this.deliveries.find(groupOf(endpoint), origin, own, records),
      this.webhooks.attempts(endpoint, { limit: ATTEMPTS }),
    ]);
    const trace = withAttempts(found, attempts, origin);
    return trace.state === 'unknown' && trace.attempts.length === 0 ? undefined : { group, hop, endpoint, ...trace };
  }
}

/** Topics that the records name, and those that the routes do. */
const likelyTopics = async ({ records, json, copy }: Known, routes: readonly Route[]): Promise<string[]> => {
  const noted = records.flatMap(({ to = [], stream }) => [...to, stream].flatMap((one) => topicOf(one) ?? []));
  const recorded = copy === undefined ? noted : [copy.topic, ...noted];
  if (json === undefined) return [...new Set(recorded)];
  const matching = await new Pace().through(matchingRoutes(routes, json));
  return [
    ...new Set([...recorded, ...(matching.length === 0 ? [UNROUTED] : matching.flatMap(({ topics }) => topics))]),
  ];
};

const isEndpoint = (streams: readonly string[]): boolean => streams.some((name) => name.startsWith('hook:'));

const typeOf = (json: string | undefined): string | null => {
  const { type } = ((json === undefined ? undefined : parsed(json)) ?? {}) as { type?: unknown };
  return typeof type === 'string' ? type : null;
};

const unknown = (name: EventName, sample: number, looked: number, next: string | null): Trace => ({
  ...name,
  found: false,
  inbox: null,
  event: null,
  type: null,
  topics: [],
  sample,
  looked,
  next,
  routing: { ...NOTHING, version: null, changedSince: false, routes: [] },
});
