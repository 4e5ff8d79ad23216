import { randomBytes } from 'node:crypto';
import {
  type Attempt,
  AttemptLog,
  EndpointError,
  EndpointMissing,
  type EndpointState,
  EndpointStates,
  EndpointStore,
  groupOf,
  parseEndpoint,
  streamOf,
  type WrittenEndpoint,
} from '@millrace/endpoints';
import { timeOrderedId } from '@millrace/events';
import { problem, RequestRefused } from '@millrace/host';
import { writeJson } from '@millrace/json';
import type { StreamedEvent } from '@millrace/streams';
import { RedisTransport, VersionConflict } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';

/** An endpoint as it is shown: without its secrets. */
export interface EndpointView {
  readonly name: string;
  /** As it is written, where it is in Redis. Of one that is in a sink's file or environment nothing more is known here. */
  readonly endpoint: WrittenEndpoint | null;
  readonly state: EndpointState;
  /** Events that wait for it: to come, in hand, and for their next attempt. */
  readonly waiting: number;
  readonly deadLetters: number;
}

const missing = (what: string): RequestRefused => new RequestRefused(problem('not-found', 404, what));
const cut = (name: string): string => name.slice(0, 100);

/** How much of a secret is shown, so that people tell one from another. */
const SHOWN_OF_SECRET = 4;
const SECRET_BYTES = 32;

/** Webhook endpoints as the API shows and changes them. */
@Injectable()
export class Webhooks {
  private readonly store: EndpointStore;
  private readonly states: EndpointStates;
  private readonly attemptLog: AttemptLog;
  private readonly redis: ReturnType<RedisTransport['connect']>;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {
    this.store = new EndpointStore(transport);
    this.states = new EndpointStates(transport);
    this.attemptLog = new AttemptLog(transport);
    this.redis = transport.connect('webhooks');
  }

  /** Those in Redis, and those that a sink has registered from its file or environment. */
  async all(): Promise<{ version: number; endpoints: EndpointView[] }> {
    const [{ version, endpoints }, states, groups] = await Promise.all([
      this.store.written(),
      this.states.all(),
      this.transport.registry.groups(),
    ]);
    const written = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
    const registered = groups.flatMap(({ streams }) =>
      streams.filter((name) => name.startsWith('hook:')).map((name) => name.slice('hook:'.length)),
    );
    const names = [...new Set([...written.keys(), ...registered])].sort();
    const views = names.map((name) => this.view(name, written.get(name), states.get(name) ?? {}));
    return { version, endpoints: await Promise.all(views) };
  }

  async one(name: string): Promise<EndpointView> {
    const found = (await this.all()).endpoints.find((one) => one.name === name);
    if (found === undefined) throw missing(`There is no endpoint "${cut(name)}"`);
    return found;
  }

  put(name: string, body: unknown, who: string, expected: number | undefined): Promise<number> {
    return asProblem(async () => {
      const written = { ...(body as object), name };
      parseEndpoint(written, { source: 'the body', place: `endpoint "${cut(name)}"` });
      return this.store.put(written, { who, expected });
    });
  }

  delete(name: string, who: string, expected: number | undefined): Promise<number> {
    return asProblem(() => this.store.delete(name, { who, expected }));
  }

  /** Switches an endpoint on: what waited for it goes. */
  async switchOn(name: string, who: string): Promise<void> {
    await this.one(name);
    await this.states.set(name, {});
    await this.transport.audit.add(who, 'switch endpoint on', { name });
  }

  async switchOff(name: string, who: string): Promise<void> {
    const { state } = await this.one(name);
    await this.states.set(name, { ...state, offAt: Date.now(), offReason: 'by hand' });
    await this.transport.audit.add(who, 'switch endpoint off', { name });
  }

  /** Adds a secret in front of those there are, or in place of the older of two. Gives it, this once. */
  async rotate(name: string, secret: string | undefined, who: string): Promise<{ secret: string; version: number }> {
    const fresh = secret ?? `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    const version = await asProblem(() =>
      this.store.change(
        name,
        'rotate',
        (before) => {
          const [latest] = [before['secret'] ?? []].flat();
          return { ...before, secret: latest === undefined ? fresh : [fresh, latest] };
        },
        { who },
      ),
    );
    return { secret: fresh, version };
  }

  async attempts(name: string, limit: number): Promise<Attempt[]> {
    await this.one(name);
    return this.attemptLog.newest(name, limit);
  }

  /** Sends an event of our own. Gives its id. */
  async test(name: string, who: string): Promise<{ id: string }> {
    await this.one(name);
    const id = timeOrderedId();
    const type = 'millrace.test';
    const event = {
      ...{ specversion: '1.0', id, source: '/millrace/console', type, subject: name, time: new Date().toISOString() },
      data: { endpoint: name, message: 'This is a test' },
    };
    await this.send(name, { type, json: writeJson(event) }, 0);
    await this.transport.audit.add(who, 'test endpoint', { name, id });
    return { id };
  }

  /** Sends a retained event again: with the same webhook-id, so that the receiver knows it. */
  async resend(
    name: string,
    { stream, position, partition }: { stream: string; position: string; partition: number },
    who: string,
  ): Promise<void> {
    await this.one(name);
    const [delivery] = await this.transport.reader.range({ name: stream, partition }, position, position, 1);
    if (delivery === undefined || delivery.position !== position) {
      throw missing(`There is no event at ${position} of ${stream}: it was trimmed, or never was`);
    }
    await this.send(name, delivery.event, partition);
    await this.transport.audit.add(who, 'resend', { name, stream, position, partition });
  }

  private async send(name: string, event: StreamedEvent, partition: number): Promise<void> {
    await this.transport.producer.append({ name: streamOf(name), partition }, [event]);
  }

  private async view(name: string, written: WrittenEndpoint | undefined, state: EndpointState): Promise<EndpointView> {
    const partitions = Array.from({ length: this.transport.partitions.count }, (_, partition) => partition);
    const group = groupOf(name);
    const each = await Promise.all(
      partitions.map(async (partition) => ({
        backlog: await this.transport.backlog({ name: streamOf(name), partition }, group),
        parked: await this.redis.zcard(this.transport.keys.parked(group, partition)),
        dead: await this.redis.xlen(this.transport.keys.stream({ name: `dead:${group}`, partition })),
      })),
    );
    return {
      ...{ name, state },
      endpoint: written === undefined ? null : withoutSecrets(written),
      waiting: each.reduce((sum, { backlog, parked }) => sum + backlog + parked, 0),
      deadLetters: each.reduce((sum, { dead }) => sum + dead, 0),
    };
  }
}

/** Its address without user and password, its headers without their values, of its secrets the last letters. */
const withoutSecrets = (written: WrittenEndpoint): WrittenEndpoint => {
  const { secret, url, headers, ...rest } = written;
  return {
    ...rest,
    url: shownUrl(String(url)),
    ...(secret === undefined ? {} : { secret: [secret].flat().map(masked) }),
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.keys(headers as object).map((key) => [key, '…'])) }),
  };
};

const masked = (secret: unknown): string => `whsec_…${String(secret).slice(-SHOWN_OF_SECRET)}`;

const shownUrl = (text: string): string => {
  if (!URL.canParse(text)) return '…';
  const url = new URL(text);
  url.username = '';
  url.password = '';
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, '…');
  return url.href;
};

/** A 422 for what is no endpoint, a 409 for what does not fit as things are. */
const asProblem = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EndpointMissing) throw missing(error.message);
    if (error instanceof EndpointError) throw new RequestRefused(problem('bad-endpoint', 422, error.message));
    if (error instanceof VersionConflict) throw new RequestRefused(problem('conflict', 409, error.message));
    throw error;
  }
};
