import {
  ALL_SERVICES,
  DEFAULT_TRACE,
  inForce,
  type LogSetting,
  lasting,
  logLevelsIn,
  type Pause,
  pausesIn,
  traceIn,
} from './settings.js';

/**
 * What people ask of processes while they run: to pause a group, to record more, to log more. It is one hash in Redis; every
 * process learns of it every second, with the number of partitions. Where Redis is away, what was asked last is still so.
 */
export class Controls {
  private paused: ReadonlyMap<string, Pause> = new Map();
  private tracing = DEFAULT_TRACE;
  private logging: ReadonlyMap<string, LogSetting> = new Map();
  private readonly listeners: (() => void)[] = [];

  constructor(
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
      this.paused = pausesIn(fields);
      this.tracing = traceIn(fields);
      this.logging = logLevelsIn(fields);
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

  /** The level at which a service is to log, as of the last look; undefined where nobody asked for one. */
  logLevelOf(service: string): string | undefined {
    return (lasting(this.logging.get(service)) ?? lasting(this.logging.get(ALL_SERVICES)))?.level;
  }
}
