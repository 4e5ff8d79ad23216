import type { Redis } from 'ioredis';
import { asUnavailable } from './connection.js';
import type { Keys } from './keys.js';

/** A group that somebody runs: a sink, the router. */
export interface GroupRegistration {
  readonly group: string;
  /** `router`, `sink-postgres`. */
  readonly hop: string;
  /** What it reads: stream names, or `topic:*`. */
  readonly streams: readonly string[];
  /** Unix milliseconds of the last registration. */
  readonly seenAt: number;
}

/** What the processes tell each other through Redis: which groups there are, and which topics. */
export class Registry {
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
  ) {}

  /** Says that a group exists. Its entries are kept for it from now on. */
  async registerGroup(registration: Omit<GroupRegistration, 'seenAt'>): Promise<void> {
    const value = JSON.stringify({ ...registration, seenAt: Date.now() });
    await this.ask(this.redis.hset(this.keys.control('sinks'), registration.group, value));
  }

  async groups(): Promise<GroupRegistration[]> {
    const all = await this.ask(this.redis.hvals(this.keys.control('sinks')));
    return all.map((json) => JSON.parse(json) as GroupRegistration).sort((a, b) => a.group.localeCompare(b.group));
  }

  /** Says which topics the routes name. Topics that no route names any more stay: they may hold events. */
  async registerTopics(topics: readonly string[]): Promise<void> {
    if (topics.length > 0) await this.ask(this.redis.sadd(this.keys.control('topics'), ...topics));
  }

  async topics(): Promise<string[]> {
    return (await this.ask(this.redis.smembers(this.keys.control('topics')))).sort();
  }

  private async ask<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }
}
