import { isDeepStrictEqual } from 'node:util';
import type { EndpointAttemptList, EndpointList, EndpointView, NewestQuery, SavedEndpoint } from '@millrace/admin-api';
import type { ChangeAuthor } from '@millrace/definitions';
import {
  AttemptLog,
  type EndpointAbout,
  type EndpointState,
  EndpointStates,
  EndpointStore,
  groupOf,
  parseEndpoint,
  retryNow,
  streamOf,
  WEBHOOK_HOP,
  type WrittenEndpoint,
  withoutSecrets,
} from '@millrace/endpoints';
import { timeOrderedId } from '@millrace/events';
import { Pace } from '@millrace/host';
import { writeJson } from '@millrace/json';
import { Operations } from '@millrace/operations';
import { type StreamedEvent, topicOf } from '@millrace/streams';
import { type Connection, type Finding, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { asProblem, conflict, missing, refusal } from '../contract/problems.js';
import { absenceOf, delaysOf } from './delivery-delays.js';
import { EndpointFilters, takesTopic } from './endpoint-filters.js';
import { type Neighbourhood, stateWarnings, warningsOf } from './endpoint-warnings.js';
import { newSecret, type Signed, signedAs } from './signing.js';
import { readWritten } from './written-endpoint.js';

export interface Retained {
  readonly stream: string;
  readonly position: string;
  readonly partition: number;
}

const HOOK = 'hook:';
const cut = (name: string): string => name.slice(0, 100);

/** Webhook endpoints as the API shows and changes them. */
@Injectable()
export class ManagedEndpoints {
  private readonly store: EndpointStore;
  private readonly states: EndpointStates;
  private readonly attemptLog: AttemptLog;
  private readonly redis: Connection;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(EndpointFilters) private readonly filters: EndpointFilters,
  ) {
    this.store = new EndpointStore(transport);
    this.states = new EndpointStates(transport);
    this.attemptLog = new AttemptLog(transport);
    this.redis = transport.connections.connect('webhooks');
  }

  /** Those in Redis, and those that a sink has registered from its file or environment. */
  async all(): Promise<Omit<EndpointList, 'next'>> {
    const [{ version, definitions: endpoints }, states, around] = await Promise.all([
      this.store.written(),
      this.states.all(),
      this.neighbourhood(),
    ]);
    const written = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
    const registered = new Map(
      around.groups.flatMap(({ streams, about }) =>
        streams.filter((name) => name.startsWith(HOOK)).map((name) => [name.slice(HOOK.length), about] as const),
      ),
    );
    // A registration outlives its endpoint: one that was deleted from Redis is none, whatever a sink has said of it.
    const isThere = ([name, about]: readonly [string, object | undefined]): boolean =>
      written.has(name) || (about as EndpointAbout | undefined)?.source !== 'Redis';
    const elsewhere = [...registered].filter(isThere).map(([name]) => name);
    const names = [...new Set([...written.keys(), ...elsewhere])].sort();
    const views = names.map((name) =>
      this.view(
        name,
        written.get(name),
        registered.get(name) as EndpointAbout | undefined,
        states.get(name) ?? {},
        around,
      ),
    );
    return { version, endpoints: await Promise.all(views) };
  }

  async one(name: string): Promise<EndpointView> {
    const found = (await this.all()).endpoints.find((one) => one.name === name);
    if (found === undefined) throw missing(`Endpoint "${cut(name)}" not found`);
    return found;
  }

  /** Writes it in place of what there is of that name. Only its secret stays, if none is given: it is never shown. */
  put(name: string, body: unknown, by: ChangeAuthor): Promise<SavedEndpoint> {
    return this.save(name, 'put', readWritten(name, body), by, (asked) => asked);
  }

  /** Changes what is named and nothing else; null takes a member away. Where there is none of that name, and an address, one is made. */
  patch(name: string, body: unknown, by: ChangeAuthor): Promise<SavedEndpoint> {
    return this.save(name, 'change', readWritten(name, body), by, (asked, before) => {
      if (before === undefined && asked['url'] === undefined)
        throw missing(`Endpoint "${cut(name)}" not found in Redis`);
      // How it signs is decided apart; that a secret is taken away has to be seen there.
      const kept = Object.entries(before ?? {}).filter(([key]) => key !== 'secret' && key !== 'signed');
      const named = Object.entries(asked);
      const merged = [...kept, ...named].filter(([key]) => asked[key] !== null || key === 'secret');
      return { ...Object.fromEntries(merged), name };
    });
  }

  /** Deletes it, with what was known of it. */
  async delete(name: string, by: ChangeAuthor): Promise<number> {
    const version = await asProblem(() => this.store.delete(name, by));
    // One of a sink's file with this name goes on; what is known of that comes again.
    await this.states.forget(name).catch(() => undefined);
    return version;
  }

  /**
   * Enables an endpoint, closes its breakers, and has what is scheduled for later tried now: says whether it was disabled,
   * and how many were scheduled. Throws a 409 where it is written as not enabled.
   */
  async switchOn(name: string, who: string): Promise<{ wasOff: boolean; rescheduled: number; waiting: number }> {
    const { endpoint, state, waiting } = await this.one(name);
    if (endpoint?.['enabled'] === false) {
      throw conflict(`"${cut(name)}" has enabled: false; set it to true first`);
    }
    const rescheduled = await retryNow(this.transport, name, Date.now());
    await this.operations.audit.add(who, 'enable endpoint', { name });
    return { wasOff: state.offAt !== undefined, rescheduled, waiting };
  }

  /** Disables it. One that is disabled stays so since when and for what it is. */
  async switchOff(name: string, who: string): Promise<{ wasOff: boolean }> {
    await this.one(name);
    const isFirst = await this.states.off(name, { offAt: Date.now(), offReason: 'by hand' });
    if (isFirst) await this.operations.audit.add(who, 'disable endpoint', { name });
    return { wasOff: !isFirst };
  }

  /**
   * Adds a secret in front of those there are, or in place of the older of two. Gives it, this once. Throws a 409 where it is
   * not signed, which a rotation is not to change, and where the secret is its newest already.
   */
  async rotate(name: string, secret: string | undefined, who: string): Promise<{ secret: string; version: number }> {
    const fresh = secret ?? newSecret();
    const version = await asProblem(() =>
      this.store.change(
        name,
        'rotate',
        (before) => {
          const [latest] = [before['secret'] ?? []].flat();
          if (latest === undefined)
            throw conflict(`"${cut(name)}" is not signed; set signed: true to give it a secret`);
          if (latest === fresh) throw conflict(`this is already the newest secret of "${cut(name)}"`);
          return { ...before, secret: [fresh, latest] } as WrittenEndpoint;
        },
        { who },
      ),
    );
    return { secret: fresh, version };
  }

  async attempts(name: string, { limit, cursor }: NewestQuery): Promise<EndpointAttemptList> {
    await this.one(name);
    return this.attemptLog.newest(name, limit, cursor);
  }

  /** Sends an event of our own. Gives its id, and why it may not arrive soon. */
  async test(name: string, who: string): Promise<{ id: string; warnings: readonly string[] }> {
    const view = await this.one(name);
    const id = timeOrderedId();
    const type = 'millrace.test';
    const event = {
      specversion: '1.0',
      id,
      source: '/millrace/console',
      type,
      subject: name,
      time: new Date().toISOString(),
      data: { endpoint: name, message: 'This is a test' },
    };
    await this.send(name, { type, json: writeJson(event) }, 0);
    await this.operations.audit.add(who, 'test endpoint', { name, id });
    return { id, warnings: await this.delaysOf(view) };
  }

  /**
   * Sends a retained event again: with the same webhook-id, so that the receiver knows it. Throws a 422 where the endpoint
   * does not take it by its topics and pattern, but for `unfiltered`.
   */
  async resend(
    name: string,
    { stream, position, partition }: Retained,
    unfiltered: boolean,
    who: string,
  ): Promise<{ warnings: readonly string[] }> {
    const view = await this.one(name);
    const [delivery] = await this.transport.reader.range({ name: stream, partition }, position, position, 1);
    if (delivery === undefined || delivery.position !== position) {
      throw missing(`No event at ${position} of ${stream}: it was trimmed, or never existed`);
    }
    const filter = await this.filters.of(name);
    const isTaken = takesTopic(filter, topicOf(stream)) && ((await filter.pattern?.(delivery, new Pace())) ?? true);
    if (!isTaken && !unfiltered) {
      const what = `"${cut(name)}" does not get this event: its topics and pattern exclude it`;
      throw refusal('filtered', 422, `${what}; set unfiltered to send it anyway`);
    }
    await this.send(name, delivery.event, partition);
    await this.operations.audit.add(who, 'resend', {
      name,
      stream,
      position,
      partition,
      ...(isTaken ? {} : { unfiltered }),
    });
    return { warnings: await this.delaysOf(view) };
  }

  /** What the doctor says of endpoints: those that are disabled, fail, or get less than it seems. */
  async examine(): Promise<Finding[]> {
    const { endpoints } = await this.all();
    return endpoints.flatMap((view) =>
      [...stateWarnings(view), ...view.warnings].map((detail) => ({
        check: 'webhook',
        verdict: 'warning' as const,
        detail: `endpoint ${view.name}: ${detail}`,
      })),
    );
  }

  private async save(
    name: string,
    action: string,
    asked: WrittenEndpoint,
    by: ChangeAuthor,
    merge: (asked: WrittenEndpoint, before: WrittenEndpoint | undefined) => WrittenEndpoint,
  ): Promise<SavedEndpoint> {
    let [signed, created, changed]: [Signed, boolean, boolean] = [{ written: asked }, false, false];
    const version = await asProblem(() =>
      this.store.write(
        name,
        action,
        (before) => {
          created = before === undefined;
          signed = signedAs(merge(asked, before), before);
          parseEndpoint(signed.written, { source: 'the body', place: `endpoint "${cut(name)}"` });
          changed = !isDeepStrictEqual(before, signed.written);
          return signed.written;
        },
        by,
      ),
    );
    const { written, secret } = signed;
    const about = (await this.one(name)).about ?? undefined;
    const warnings = warningsOf(written, about, await this.neighbourhood());
    return { version, created, changed, ...(secret === undefined ? {} : { secret }), warnings };
  }

  /** Why what is sent to it now waits, each a sentence. */
  private async delaysOf(view: EndpointView): Promise<string[]> {
    const [{ groups }, pauses] = await Promise.all([this.neighbourhood(), this.operations.settings.pauses()]);
    const group = groupOf(view.name);
    const serving = groups.filter((one) => one.group === group || one.hop === WEBHOOK_HOP);
    return [
      ...absenceOf(serving.map(({ seenAt }) => seenAt)),
      ...(pauses.has(group) ? [`${group} is paused: deliveries are queued until it is resumed`] : []),
      ...delaysOf(view),
    ];
  }

  private async neighbourhood(): Promise<Neighbourhood> {
    const { registry } = this.transport;
    const [groups, topics] = await Promise.all([registry.groups(), registry.topics()]);
    return { groups, topics };
  }

  private async send(name: string, event: StreamedEvent, partition: number): Promise<void> {
    await this.transport.producer.append({ name: streamOf(name), partition }, [event]);
  }

  private async view(
    name: string,
    written: WrittenEndpoint | undefined,
    about: EndpointAbout | undefined,
    state: EndpointState,
    around: Neighbourhood,
  ): Promise<EndpointView> {
    const partitions = Array.from({ length: this.transport.partitions.count }, (_, partition) => partition);
    const group = groupOf(name);
    const each = await Promise.all(
      partitions.map(async (partition) => ({
        backlog: await this.transport.streams.backlog({ name: streamOf(name), partition }, group),
        parked: await this.redis.zcard(this.transport.keys.parked(group, partition)),
        dead: await this.redis.xlen(this.transport.keys.stream({ name: `dead:${group}`, partition })),
      })),
    );
    return {
      name,
      state,
      about: about ?? null,
      warnings: warningsOf(written, about, around),
      // It was parsed when it was written.
      endpoint: written === undefined ? null : (withoutSecrets(written) as EndpointView['endpoint'] & object),
      waiting: each.reduce((sum, { backlog, parked }) => sum + backlog + parked, 0),
      deadLetters: each.reduce((sum, { dead }) => sum + dead, 0),
    };
  }
}
