import type { CloudEvent } from '@millrace/events';
import type { SinkEvent } from '@millrace/sink';
import { PermanentError } from '@millrace/streams';

/** A reading of an event. */
export interface Reading {
  readonly metric: string;
  readonly source: string;
  readonly timestampMs: number;
  readonly value: number;
}

/** Where a reading stands in an event, as paths of member names. */
export interface ReadingPaths {
  readonly metric: string;
  readonly value: string;
  readonly time: string;
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const at = (event: CloudEvent, path: string): unknown => {
  let value: unknown = event;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
};

const show = (value: unknown): string =>
  value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 100) ?? '');

const refuse = (path: string, value: unknown, takes: string): never => {
  throw new PermanentError(`${path} is ${show(value)}; it takes ${takes}`);
};

const timeOf = (value: unknown, path: string, position: string): number => {
  // The id of an entry starts with the milliseconds at which it was routed: the same at every attempt.
  if (value === undefined) return Number(position.split('-')[0]);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  const parsed = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) || parsed < 0 ? refuse(path, value, 'an RFC 3339 time or Unix milliseconds') : parsed;
};

/** The reading that an event holds. Throws a `PermanentError` that says what is missing where. */
export const readSample = ({ event, delivery }: SinkEvent, paths: ReadingPaths): Reading => {
  const metric = at(event, paths.metric);
  const value = at(event, paths.value);
  if (typeof metric !== 'string' || metric === '') return refuse(paths.metric, metric, 'the name of a metric');
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(paths.value, value, 'a number');
  const timestampMs = timeOf(at(event, paths.time), paths.time, delivery.position);
  return { metric, source: event.source, timestampMs, value };
};
