import { asUnavailable, type Connection } from './connection.js';
import type { Keys } from './keys.js';

/** A group that somebody paused. */
export interface Pause {
  /** Unix milliseconds. */
  readonly at: number;
  /** Short name of the API key; nothing where none is asked for. */
  readonly who: string;
}

/** Which deliveries are recorded beside those that fail. */
export interface TraceSetting {
  /** Share of the events, from 0 to 1. */
  readonly sample: number;
  /** Unix milliseconds at which it ends; null where it does not. */
  readonly until: number | null;
}

/** A hundredth of the events, where nobody asked for more or for less. */
export const DEFAULT_TRACE: TraceSetting = { sample: 0.01, until: null };

const PAUSE = 'pause ';
const TRACE = 'trace';

/**
 * What people ask of processes while they run: to pause a group, to record more. It is one hash in Redis; a process that
 * consumes is told of it every second, with the number of partitions. Where Redis is away, what was asked last is still so.
 */
export class Controls {
  private paused: ReadonlySet<string> = new Set();
  private tracing = DEFAULT_TRACE;

  constructor(
    private readonly redis: Connection,
    private readonly keys: Keys,
  ) {}

  /** What they are now, as somebody read them every second. */
  note(fields: Readonly<Record<string, string>>): void {
    const paused = Object.keys(fields).filter((field) => field.startsWith(PAUSE));
    this.paused = new Set(paused.map((field) => field.slice(PAUSE.length)));
    this.tracing = traceOf(fields);
  }

  /** Whether a group may not read, as of the last look. */
  isPaused(group: string): boolean {
    return this.paused.has(group);
  }

  /** Share of the events that are recorded, as of the last look. */
  get sample(): number {
    return inForce(this.tracing).sample;
  }

  /** Pauses a group, or lets it go on. Rejects with `Unavailable`. */
  async setPause(group: string, pause: Pause | null): Promise<void> {
    await this.set(PAUSE + group, pause);
  }

  /** All that are paused, by group. Rejects with `Unavailable`. */
  async pauses(): Promise<ReadonlyMap<string, Pause>> {
    const fields = Object.entries(await this.read()).filter(([field]) => field.startsWith(PAUSE));
    return new Map(fields.map(([field, json]) => [field.slice(PAUSE.length), JSON.parse(json) as Pause]));
  }

  /** Rejects with `Unavailable`. */
  async setTrace(setting: TraceSetting): Promise<void> {
    await this.set(TRACE, setting);
  }

  /** Rejects with `Unavailable`. */
  async trace(): Promise<TraceSetting> {
    return inForce(traceOf(await this.read()));
  }

  private async set(field: string, value: unknown): Promise<void> {
    const key = this.keys.control('controls');
    const answer = value === null ? this.redis.hdel(key, field) : this.redis.hset(key, field, JSON.stringify(value));
    await answer.catch(unavailable);
  }

  private read(): Promise<Record<string, string>> {
    return this.redis.hgetall(this.keys.control('controls')).catch(unavailable);
  }
}

const traceOf = (fields: Readonly<Record<string, string>>): TraceSetting =>
  fields[TRACE] === undefined ? DEFAULT_TRACE : (JSON.parse(fields[TRACE]) as TraceSetting);

const inForce = (setting: TraceSetting): TraceSetting =>
  setting.until !== null && setting.until <= Date.now() ? DEFAULT_TRACE : setting;

const unavailable = (error: unknown): never => {
  throw asUnavailable(error);
};
