import { storedObject } from '../../stored.js';

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

/** It was set by hand. */
const UNKNOWN_PAUSE: Pause = { at: 0, who: '' };

const PAUSE = 'pause ';
const LOG = 'log ';

/** The fields of the hash that they are in. */
export const TRACE_FIELD = 'trace';
export const pauseField = (group: string): string => PAUSE + group;
export const logField = (service: string): string => LOG + service;

type Fields = Readonly<Record<string, string>>;

/** All that are paused, by group. */
export const pausesIn = (fields: Fields): ReadonlyMap<string, Pause> =>
  new Map(
    Object.entries(fields)
      .filter(([field]) => field.startsWith(PAUSE))
      .map(([field, json]) => [field.slice(PAUSE.length), storedObject<Pause>(json) ?? UNKNOWN_PAUSE]),
  );

/** All that are set, by service, those that have ended among them. */
export const logLevelsIn = (fields: Fields): ReadonlyMap<string, LogSetting> =>
  new Map(
    Object.entries(fields)
      .filter(([field]) => field.startsWith(LOG))
      .flatMap(([field, json]) => {
        const setting = storedObject<LogSetting>(json);
        return setting === undefined ? [] : [[field.slice(LOG.length), setting]];
      }),
  );

/** The one that is set, though it may have ended. */
export const traceIn = (fields: Fields): TraceSetting =>
  (fields[TRACE_FIELD] === undefined ? undefined : storedObject<TraceSetting>(fields[TRACE_FIELD])) ?? DEFAULT_TRACE;

/** Undefined where there is none, or it has ended. */
export const lasting = (setting: LogSetting | undefined): LogSetting | undefined =>
  setting === undefined || (setting.until !== null && setting.until <= Date.now()) ? undefined : setting;

/** The default in place of one that has ended. */
export const inForce = (setting: TraceSetting): TraceSetting =>
  setting.until !== null && setting.until <= Date.now() ? DEFAULT_TRACE : setting;
