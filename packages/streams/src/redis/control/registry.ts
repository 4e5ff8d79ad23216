import { storedObject } from '../../stored.js';
import type { Connection } from '../connection/connection.js';
import type { Keys } from '../connection/keys.js';
import type { Notes } from './notes.js';

/** A group that somebody runs: a sink, the router. */
export interface GroupRegistration {
  readonly group: string;
  /** `router`, `sink-postgres`. */
  readonly hop: string;
  /** What it reads: stream names, or `topic:*`. */
  readonly streams: readonly string[];
  /** Whether it keeps the order of each partition key. */
  readonly isOrdered?: boolean;
  /** What else the group says of itself, for whoever administers it. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** Unix milliseconds of the last registration. */
  readonly seenAt: number;
}

/** What the processes tell each other through Redis, also where it is full: which groups there are, and which topics. */
export class Registry {
  constructor(
    private readonly redis: Connection,
    private readonly notes: Notes,
    private readonly keys: Keys,
  ) {}

  /** Says that a group exists. Its entries are kept for it from now on. */
  async registerGroup(registration: Omit<GroupRegistration, 'seenAt'>): Promise<void> {
    const value = JSON.stringify({ ...registration, seenAt: Date.now() });
    await this.notes.put(this.keys.control('sinks'), registration.group, value);
  }

  /** Whether a group is registered. */
  async has(group: string): Promise<boolean> {
    return (await this.redis.hexists(this.keys.control('sinks'), group)) === 1;
  }

  async groups(): Promise<GroupRegistration[]> {
    const all = await this.redis.hvals(this.keys.control('sinks'));
    return all.flatMap((json) => registrationIn(json) ?? []).sort((a, b) => a.group.localeCompare(b.group));
  }

  /** Says which topics the routes name. Topics that no route names any more stay: they may hold events. */
  async registerTopics(topics: readonly string[]): Promise<void> {
    await this.notes.enlist(this.keys.control('topics'), topics);
  }

  async topics(): Promise<string[]> {
    return (await this.redis.smembers(this.keys.control('topics'))).sort();
  }
}

/** What is no registration of ours is left out: who is registered says so again within ten seconds. */
const registrationIn = (json: string): GroupRegistration | undefined => {
  const found = storedObject<GroupRegistration>(json);
  const isOurs = typeof found?.group === 'string' && typeof found.hop === 'string' && Array.isArray(found.streams);
  return isOurs && found.streams.every((name) => typeof name === 'string') ? found : undefined;
};
