import { parseJson, writeJson } from '@millrace/json';
import { asUnavailable, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { isUnfinished, type Replay, type ReplayState, type ReplayView } from './replay.js';

/** Finished replays that are remembered. */
const KEPT = 100;

interface Stored {
  readonly state: ReplayState;
  readonly error?: string;
}

/** The replays in Redis, so that they survive whoever runs them. All methods reject with `Unavailable`. */
@Injectable()
export class ReplayStore {
  private readonly redis;
  private readonly orders: string;
  private readonly states: string;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {
    this.redis = transport.connect('replays');
    this.orders = transport.keys.control('replays');
    this.states = transport.replayer.states;
  }

  async add(replay: Replay): Promise<void> {
    const state: Stored = { state: 'running' };
    // In this order: who runs replays looks at the states, and an order without one is not run.
    await this.ask(this.redis.hset(this.orders, replay.id, writeJson(replay)));
    await this.ask(this.redis.hset(this.states, replay.id, writeJson(state)));
    await this.forgetOld();
  }

  /** The newest first. */
  async all(): Promise<ReplayView[]> {
    const [orders, states] = await Promise.all([
      this.ask(this.redis.hvals(this.orders)),
      this.ask(this.redis.hgetall(this.states)),
    ]);
    const replays = orders.map((json) => parseJson(json) as Replay).sort((a, b) => b.createdAt - a.createdAt);
    return Promise.all(replays.map((replay) => this.view(replay, states[replay.id])));
  }

  async one(id: string): Promise<ReplayView | undefined> {
    const replay = await this.order(id);
    return replay && this.view(replay, (await this.ask(this.redis.hget(this.states, id))) ?? undefined);
  }

  async order(id: string): Promise<Replay | undefined> {
    const json = await this.ask(this.redis.hget(this.orders, id));
    return json === null ? undefined : (parseJson(json) as Replay);
  }

  /** Undefined where there is no such replay. */
  async state(id: string): Promise<ReplayState | undefined> {
    const json = await this.ask(this.redis.hget(this.states, id));
    return json === null ? undefined : (parseJson(json) as Stored).state;
  }

  /** Changes the state where it is one of `from`: another console may have been first. False where it is another one. */
  changeState(id: string, state: ReplayState, from: readonly ReplayState[], error?: string): Promise<boolean> {
    const stored: Stored = { state, ...(error === undefined ? {} : { error }) };
    const expected = from.map((one) => writeJson({ state: one } satisfies Stored));
    return this.transport.replayer.changeState(id, writeJson(stored), expected);
  }

  /** Those that somebody has to run. */
  async running(): Promise<Replay[]> {
    const states = await this.ask(this.redis.hgetall(this.states));
    const ids = Object.keys(states).filter((id) => (parseJson(states[id] as string) as Stored).state === 'running');
    return (await Promise.all(ids.map((id) => this.order(id)))).filter((replay) => replay !== undefined);
  }

  /** Makes a process the one that runs a replay, for a time. False where another one is. */
  async own(id: string, process: string, ms: number): Promise<boolean> {
    const key = this.transport.keys.control(`replays:owner:${id}`);
    if ((await this.ask(this.redis.set(key, process, 'PX', ms, 'NX'))) !== null) return true;
    if ((await this.ask(this.redis.get(key))) !== process) return false;
    await this.ask(this.redis.pexpire(key, ms));
    return true;
  }

  async disown(id: string, process: string): Promise<void> {
    const key = this.transport.keys.control(`replays:owner:${id}`);
    if ((await this.ask(this.redis.get(key))) === process) await this.ask(this.redis.unlink(key));
  }

  private async view({ ends, ...replay }: Replay, stored = '{"state":"cancelled"}'): Promise<ReplayView> {
    const { state, error = null } = parseJson(stored) as Stored;
    const parts = await Promise.all(
      ends.map((_, partition) => this.transport.replayer.progress({ id: replay.id, group: replay.sink, partition })),
    );
    return {
      ...replay,
      state,
      looked: parts.reduce((sum, { looked }) => sum + looked, 0),
      sent: parts.reduce((sum, { sent }) => sum + sent, 0),
      error,
    };
  }

  private async forgetOld(): Promise<void> {
    const finished = (await this.all()).filter(({ state }) => !isUnfinished(state)).slice(KEPT);
    if (finished.length === 0) return;
    const ids = finished.map(({ id }) => id);
    const keys = ids.flatMap((id) =>
      Array.from({ length: this.transport.partitions.count }, (_, partition) =>
        this.transport.keys.stream({ name: `replay:${id}`, partition }),
      ),
    );
    // First the progress: what is left of it without its order would be left for good.
    for (const key of keys) await this.ask(this.redis.unlink(key));
    await this.ask(Promise.all([this.redis.hdel(this.orders, ...ids), this.redis.hdel(this.states, ...ids)]));
  }

  private ask<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }
}
