import { storedObject } from '../stored.js';
import { asUnavailable, type Connection } from './connection.js';
import type { Keys } from './keys.js';
import type { Notes } from './notes.js';

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

/** At which level the processes of a service log, in place of their own. */
export interface LogSetting {
  readonly level: string;
  /** Unix milliseconds at which it ends; null where it does not. */
  readonly until: number | null;
}

/** The name that stands for all services in a log setting; that of a service itself goes before it. */
export const ALL_SERVICES = 'all';

/** A hundredth of the events, where nobody asked for more or for less. */
export const DEFAULT_TRACE: TraceSetting = { sample: 0.01, until: null };

/** Somebody paused it by hand. */
const UNKNOWN_PAUSE: Pause = { at: 0, who: '' };

const PAUSE = 'pause ';
const TRACE = 'trace';
const LOG = 'log ';

/**
 * What people ask of processes while they run: to pause a group, to record more, to log more. It is one hash in Redis; every
 * process is told of it every second, with the number of partitions. Where Redis is away, what was asked last is still so.
 */
export class Controls {
  private paused: ReadonlySet<string> = new Set();
  private tracing = DEFAULT_TRACE;
  private logging: ReadonlyMap<string, LogSetting> = new Map();
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly redis: Connection,
    private readonly notes: Notes,
    private readonly keys: Keys,
    /** Begins to look, every second; `note` is told what was seen. */
    private readonly begin: () => void,
  ) {}

  /** Begins to follow, unless it does already. `onLook` is called after every look, whether it saw anything or not. */
  follow(onLook?: () => void): void {
    if (onLook !== undefined) this.listeners.push(onLook);
    this.begin();
  }

  /** What they are now; undefined where Redis was away. */
  note(fields: Readonly<Record<string, string>> | undefined): void {
    if (fields !== undefined) {
      const paused = Object.keys(fields).filter((field) => field.startsWith(PAUSE));
      this.paused = new Set(paused.map((field) => field.slice(PAUSE.length)));
      this.tracing = traceOf(fields);
      this.logging = levelsOf(fields);
    }
    for (const listener of this.listeners) listener();
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
    return new Map(
      fields.map(([field, json]) => [field.slice(PAUSE.length), storedObject<Pause>(json) ?? UNKNOWN_PAUSE]),
    );
  }

  /** Rejects with `Unavailable`. */
  async setTrace(setting: TraceSetting): Promise<void> {
    await this.set(TRACE, setting);
  }

  /** Rejects with `Unavailable`. */
  async trace(): Promise<TraceSetting> {
    return inForce(traceOf(await this.read()));
  }

  /** The level at which a service is to log, as of the last look; undefined where nobody asked for one. */
  logLevelOf(service: string): string | undefined {
    return (lasting(this.logging.get(service)) ?? lasting(this.logging.get(ALL_SERVICES)))?.level;
  }

  /** Sets the level of a service, or of `ALL_SERVICES`; null gives it its own back. Rejects with `Unavailable`. */
  async setLogLevel(service: string, setting: LogSetting | null): Promise<void> {
    await this.set(LOG + service, setting);
  }

  /** All that are set, by service. Rejects with `Unavailable`. */
  async logLevels(): Promise<ReadonlyMap<string, LogSetting>> {
    return new Map([...levelsOf(await this.read())].filter(([, setting]) => lasting(setting) !== undefined));
  }

  private async set(field: string, value: unknown): Promise<void> {
    const key = this.keys.control('controls');
    if (value === null) await this.redis.hdel(key, field).catch(unavailable);
    else await this.notes.put(key, field, JSON.stringify(value));
  }

  private read(): Promise<Record<string, string>> {
    return this.redis.hgetall(this.keys.control('controls')).catch(unavailable);
  }
}

const levelsOf = (fields: Readonly<Record<string, string>>): ReadonlyMap<string, LogSetting> =>
  new Map(
    Object.entries(fields)
      .filter(([field]) => field.startsWith(LOG))
      .flatMap(([field, json]) => {
        const setting = storedObject<LogSetting>(json);
        return setting === undefined ? [] : [[field.slice(LOG.length), setting]];
      }),
  );

const lasting = (setting: LogSetting | undefined): LogSetting | undefined =>
  setting === undefined || (setting.until !== null && setting.until <= Date.now()) ? undefined : setting;

const traceOf = (fields: Readonly<Record<string, string>>): TraceSetting =>
  (fields[TRACE] === undefined ? undefined : storedObject<TraceSetting>(fields[TRACE])) ?? DEFAULT_TRACE;

const inForce = (setting: TraceSetting): TraceSetting =>
  setting.until !== null && setting.until <= Date.now() ? DEFAULT_TRACE : setting;

const unavailable = (error: unknown): never => {
  throw asUnavailable(error);
};
