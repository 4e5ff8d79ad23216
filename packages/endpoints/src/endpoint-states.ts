import { writeJson } from '@millrace/json';
import { storedObject } from '@millrace/streams';
import type { Connection, RedisTransport } from '@millrace/streams/redis';

/** The status of an endpoint, as the processes that deliver to it say. */
export interface EndpointState {
  /** Disabled by the sink (it answered 410, or failed for too long) or by hand; Unix milliseconds. */
  readonly offAt?: number;
  readonly offReason?: string;
  /** Unix milliseconds of the first failure since something was delivered last. */
  readonly failingSince?: number;
  /** The last failure, in a sentence. */
  readonly failure?: string;
  /** Until when nothing is sent, because it failed again and again. */
  readonly openUntil?: number;
}

/** Why an endpoint is disabled, and since when. */
export type EndpointOff = Required<Pick<EndpointState, 'offAt' | 'offReason'>>;

/** What is known of its failures. */
export type EndpointFailing = Omit<EndpointState, keyof EndpointOff>;

/** What processes have to know to deliver. */
export interface EndpointOrders {
  /** Names of the disabled endpoints. */
  readonly off: ReadonlySet<string>;
  /** When each was last asked to be tried at once, in Unix milliseconds. */
  readonly retries: ReadonlyMap<string, number>;
}

type Redis = Connection;

/** The one field of the hash that counts orders. */
const TURN = 'orders';

/**
 * States by endpoint, in a hash for each thing that somebody says of one: what a process finds out about failures never
 * overwrites that somebody disabled it. Everything rejects with `Unavailable` where Redis is away.
 */
export class EndpointStates {
  private readonly redis: Redis;
  private readonly failingKey: string;
  private readonly offKey: string;
  private readonly deliveredKey: string;
  private readonly retryKey: string;
  private readonly turnKey: string;

  constructor(transport: RedisTransport) {
    this.redis = transport.connections.connect('endpoint states');
    const key = (name: string): string => transport.keys.control(`endpoints:${name}`);
    this.failingKey = key('state');
    this.offKey = key('off');
    this.deliveredKey = key('delivered');
    this.retryKey = key('retry');
    this.turnKey = key('turn');
  }

  async all(): Promise<ReadonlyMap<string, EndpointState>> {
    const [failing, off] = (await this.run(
      this.redis.pipeline().hgetall(this.failingKey).hgetall(this.offKey),
    )) as Hash[];
    const names = new Set([...Object.keys(failing ?? {}), ...Object.keys(off ?? {})]);
    return new Map([...names].map((name) => [name, endpointState(failing?.[name], off?.[name])]));
  }

  async of(endpoint: string): Promise<EndpointState> {
    const both = this.redis.pipeline().hget(this.failingKey, endpoint).hget(this.offKey, endpoint);
    const [failing, off] = (await this.run(both)) as (string | null)[];
    return endpointState(failing, off);
  }

  /** Grows whenever somebody disables, enables or retries an endpoint: cheap enough to ask every other second. */
  async turn(): Promise<number> {
    return Number((await this.redis.hget(this.turnKey, TURN)) ?? 0);
  }

  async orders(): Promise<EndpointOrders> {
    const [states, retries] = await Promise.all([this.all(), this.redis.hgetall(this.retryKey)]);
    return {
      off: new Set([...states].flatMap(([name, { offAt }]) => (offAt === undefined ? [] : [name]))),
      retries: new Map(Object.entries(retries).map(([name, at]) => [name, Number(at)])),
    };
  }

  /** What is known of its failures now. */
  async failing(endpoint: string, failing: EndpointFailing): Promise<void> {
    await this.redis.hset(this.failingKey, endpoint, writeJson(failing));
  }

  /** Something was delivered, at `at`, so nothing is known against it any more. */
  async delivered(endpoint: string, at: number): Promise<void> {
    await this.run(this.redis.pipeline().hset(this.deliveredKey, endpoint, at).hdel(this.failingKey, endpoint));
  }

  /** When any process delivered to it last, as far as was noted; undefined where nothing is known. */
  async deliveredAt(endpoint: string): Promise<number | undefined> {
    const at = await this.redis.hget(this.deliveredKey, endpoint);
    return at === null ? undefined : Number(at);
  }

  /** Disables it. False where it was disabled already: since when and why stays so. */
  async off(endpoint: string, off: EndpointOff): Promise<boolean> {
    if ((await this.of(endpoint)).offAt !== undefined) return false;
    const begun = this.redis.pipeline().hset(this.offKey, endpoint, writeJson(off)).hincrby(this.turnKey, TURN, 1);
    const [isFirst] = await this.run(begun);
    return isFirst === 1;
  }

  /** Enables it, and has it tried at once: by every process, whatever it knows against it. */
  async on(endpoint: string, now: number): Promise<void> {
    const { offAt, failingSince, failure } = await this.of(endpoint);
    const change = this.redis.pipeline().hdel(this.offKey, endpoint);
    if (offAt !== undefined || failingSince === undefined) change.hdel(this.failingKey, endpoint);
    else change.hset(this.failingKey, endpoint, writeJson({ failingSince, failure }));
    await this.run(change.hset(this.retryKey, endpoint, now).hincrby(this.turnKey, TURN, 1));
  }

  /** Of an endpoint that is gone: one that is made later under its name begins anew. */
  async forget(endpoint: string): Promise<void> {
    const change = this.redis.pipeline();
    for (const key of [this.failingKey, this.offKey, this.deliveredKey, this.retryKey]) change.hdel(key, endpoint);
    await this.run(change.hincrby(this.turnKey, TURN, 1));
  }

  private async run(commands: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<unknown[]> {
    const answers = await commands.exec();
    return (answers ?? []).map(([error, answer]) => {
      if (error !== null) throw error;
      return answer;
    });
  }
}

type Hash = Readonly<Record<string, string>>;

/** Before 0.2 both stood in one text. */
const endpointState = (failing: string | null | undefined, off: string | null | undefined): EndpointState => ({
  ...storedObject<EndpointState>(failing),
  ...storedObject<EndpointOff>(off),
});
