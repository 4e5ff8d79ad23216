import {
  type Connection,
  type Keys,
  type LogSetting,
  type Notes,
  type Pause,
  type TraceSetting,
} from '@millrace/streams/redis';
import {
  inForce,
  lasting,
  logField,
  logLevelsIn,
  pauseField,
  pausesIn,
  TRACE_FIELD,
  traceIn,
} from '@millrace/streams/redis/internal';

/**
 * What people ask of processes while they run: to pause a group, to record more, to log more. Processes follow it by the
 * `controls` of their transport, within a second. All methods reject with `Unavailable`.
 */
export class Settings {
  constructor(
    private readonly redis: Connection,
    private readonly notes: Notes,
    private readonly keys: Keys,
  ) {}

  /** Pauses a group; null resumes it. */
  async setPause(group: string, pause: Pause | null): Promise<void> {
    await this.set(pauseField(group), pause);
  }

  /** All that are paused, by group. */
  async pauses(): Promise<ReadonlyMap<string, Pause>> {
    return pausesIn(await this.read());
  }

  async setTrace(setting: TraceSetting): Promise<void> {
    await this.set(TRACE_FIELD, setting);
  }

  async trace(): Promise<TraceSetting> {
    return inForce(traceIn(await this.read()));
  }

  /** Sets the level of a service, or of `ALL_SERVICES`; null gives it its own back. */
  async setLogLevel(service: string, setting: LogSetting | null): Promise<void> {
    await this.set(logField(service), setting);
  }

  /** All that are set, by service. */
  async logLevels(): Promise<ReadonlyMap<string, LogSetting>> {
    return new Map([...logLevelsIn(await this.read())].filter(([, setting]) => lasting(setting) !== undefined));
  }

  private async set(field: string, value: unknown): Promise<void> {
    const key = this.keys.control('controls');
    if (value === null) await this.redis.hdel(key, field);
    else await this.notes.put(key, field, JSON.stringify(value));
  }

  private read(): Promise<Record<string, string>> {
    return this.redis.hgetall(this.keys.control('controls'));
  }
}
