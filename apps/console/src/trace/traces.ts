import { groupOf } from '@millrace/endpoints';
import { type Delivery, INBOX, isReadBy, topicOf, topicStream, UNROUTED } from '@millrace/streams';
import { type GroupRegistration, RedisTransport, type TraceRecord } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { Observer } from '../pipeline/observer.js';
import { timeOfId } from '../pipeline/views.js';
import { ManagedRoutes } from '../routes/managed-routes.js';
import { parsed } from '../topics/stored-event.js';
import { Webhooks } from '../webhooks/webhooks.js';
import { DeliveryFinder } from './delivery-finder.js';
import { EventFinder, type EventName } from './event-finder.js';
import { verdictsOf } from './route-verdicts.js';
import type { DeliveryTrace, Origin, RouteVerdict, SinkTrace, TopicTrace, Trace } from './trace.js';
import { withAttempts } from './webhook-attempts.js';

/** Topics that are looked into where the routes were changed since. */
const MOST_TOPICS = 50;
const ATTEMPTS = 1000;
const ROUTER = 'router';
const NOTHING: DeliveryTrace = {
  ...{ state: 'unknown', at: null, parkedUntil: null, attempts: [], deadLetter: null, redriven: 0 },
};

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
    if (found === undefined) return unknown(name, sample);
    const { partition, position, looked } = found;
    const [delivery, records, groups] = await Promise.all([
      this.events.at({ name: INBOX, partition }, position),
      this.transport.traces.of(partition, name.source, name.id),
      this.transport.registry.groups(),
    ]);
    const inbox: Origin = { stream: INBOX, position, partition };
    const known: Known = { name, inbox, json: delivery?.event.json, records, groups };
    const [routing, isChanged, verdicts] = await Promise.all([
      this.deliveries.find(ROUTER, inbox, INBOX, records),
      this.changedSince(timeOfId(position)),
      this.verdicts(known.json),
    ]);
    const topics = await Promise.all(
      (await this.topicNames(known, verdicts, isChanged)).map((topic) => this.topic(topic, known)),
    );
    const shown = topics.filter(({ trace, isLikely }) => isLikely || trace.streamId !== null);
    const json = known.json ?? topics.find((one) => one.json !== undefined)?.json;
    return {
      ...name,
      found: true,
      inbox: { streamId: position, partition, at: timeOfId(position), retained: delivery !== undefined },
      event: json === undefined ? null : parsed(json),
      type: delivery?.event.type ?? typeOf(json),
      routing: {
        ...routing,
        changedSince: isChanged,
        routes: known.json === undefined && json !== undefined ? await this.verdicts(json) : verdicts,
      },
      topics: shown.map(({ trace }) => trace),
      sample,
      looked: looked + topics.reduce((sum, one) => sum + one.looked, 0),
    };
  }

  private async verdicts(json: string | undefined): Promise<RouteVerdict[]> {
    return json === undefined ? [] : verdictsOf(await this.routes.inForce(), json);
  }

  private async changedSince(time: number): Promise<boolean> {
    const [newest] = await this.routes.history(1, undefined);
    return newest !== undefined && newest.at > time;
  }

  /** Topics that it may be in: by the routes and by the records; where neither tells for sure, those there are. */
  private async topicNames(
    { records, json }: Known,
    verdicts: readonly RouteVerdict[],
    isChanged: boolean,
  ): Promise<{ topic: string; isLikely: boolean }[]> {
    const routed = records.flatMap(({ to = [], stream }) => [...to, stream].flatMap((one) => topicOf(one) ?? []));
    const matching = verdicts.filter(({ matched }) => matched).flatMap(({ topics }) => topics);
    const byRoutes = json === undefined || isChanged ? [] : matching.length > 0 ? matching : [UNROUTED];
    const likely = [...new Set([...routed, ...byRoutes])];
    if (json !== undefined && !isChanged) return likely.map((topic) => ({ topic, isLikely: true }));
    const others = (await this.observer.topicNames()).filter((topic) => !likely.includes(topic));
    const all = [
      ...likely.map((topic) => ({ topic, isLikely: true })),
      ...others.map((topic) => ({ topic, isLikely: false })),
    ];
    return all.slice(0, MOST_TOPICS);
  }

  private async topic({ topic, isLikely }: { topic: string; isLikely: boolean }, known: Known) {
    const { name, inbox, records, groups } = known;
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
    return { trace, isLikely, looked, json: delivery?.event.json, name };
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

const isEndpoint = (streams: readonly string[]): boolean => streams.some((name) => name.startsWith('hook:'));

const typeOf = (json: string | undefined): string | null => {
  const { type } = ((json === undefined ? undefined : parsed(json)) ?? {}) as { type?: unknown };
  return typeof type === 'string' ? type : null;
};

const unknown = (name: EventName, sample: number): Trace => ({
  ...name,
  ...{ found: false, inbox: null, event: null, type: null, topics: [], sample, looked: 0 },
  routing: { ...NOTHING, changedSince: false, routes: [] },
});
