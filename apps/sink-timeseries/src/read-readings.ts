import { type CloudEvent, timestampMs } from '@millrace/events';
import { writeJson } from '@millrace/json';
import type { SinkEvent } from '@millrace/sink';
import { PermanentError } from '@millrace/streams';
import { refuse, textOf, valueAt } from './event-path.js';
import type { LabelPath } from './label-path.js';
import type { SeriesTemplate } from './series-template.js';
import { needsMetric, type ValuePath } from './value-path.js';

/** One value of an event, and the series that it belongs to. */
export interface Reading {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  readonly value: number;
}

/** Where the readings stand in an event, and how their series are named. */
export interface ReadingPaths {
  readonly metric: string;
  readonly values: readonly ValuePath[];
  readonly time: string;
  readonly labels: readonly LabelPath[];
  readonly series: SeriesTemplate;
  /** How far a time may be ahead of the event's arrival, in milliseconds; 0: unlimited. */
  readonly maxAheadMs: number;
}

/** More would be too much for one step of Redis. */
const MOST_VALUES = 100;

/** The readings that an event holds, one at least. Throws a `PermanentError` that says what is missing where. */
export const readReadings = ({ event, delivery }: SinkEvent, paths: ReadingPaths): Reading[] => {
  const values = valuesOf(event, paths);
  const timestampMs = timeOf(event, paths, delivery.position);
  const labels = labelsOf(event, paths.labels);
  return values.map(({ metric, value }) => ({
    series: paths.series.name((path) => (path === 'metric' ? metric : partOf(event, path))),
    labels: { ...labels, metric, source: event.source },
    timestampMs,
    value,
  }));
};

interface Value {
  readonly metric: string;
  readonly value: number;
}

const valuesOf = (event: CloudEvent, { metric, values: paths }: ReadingPaths): Value[] => {
  const values = paths.flatMap((path) => valuesAt(event, path, metric));
  const [first] = paths;
  if (values.length === 0 && first !== undefined) {
    if (paths.length === 1) refuse(first.path, valueAt(event, first.path), takenAt(first));
    throw new PermanentError(
      `the event has none of ${paths.map(({ path }) => path).join(', ')}; at least one of them must be a number`,
    );
  }
  if (values.length > MOST_VALUES) {
    throw new PermanentError(`the event has ${values.length} values; the limit is ${MOST_VALUES}`);
  }
  const metrics = values.map((value) => value.metric);
  const twice = metrics.find((name, i) => metrics.indexOf(name) !== i);
  if (twice !== undefined)
    throw new PermanentError(`the event has two values of the metric ${twice}; only one is allowed`);
  return values;
};

const takenAt = ({ isEvery }: ValuePath): string => (isEvery ? 'an object with a number in it' : 'a number');

/** None where there is nothing at the path: an event need not have all that others have. */
const valuesAt = (event: CloudEvent, at: ValuePath, metricPath: string): Value[] => {
  const found = valueAt(event, at.path);
  if (needsMetric(at)) {
    const metric = valueAt(event, metricPath);
    if (typeof metric !== 'string' || metric === '') return refuse(metricPath, metric, 'the name of a metric');
    return numberAt(at.path, metric, found);
  }
  if (at.metric !== undefined) return numberAt(at.path, at.metric, found);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
  return Object.entries(found).flatMap(([metric, value]) =>
    isNumber(value) && metric !== '' ? [{ metric, value }] : [],
  );
};

const numberAt = (path: string, metric: string, value: unknown): Value[] => {
  if (value === undefined) return [];
  return isNumber(value) ? [{ metric, value }] : refuse(path, value, 'a number');
};

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const partOf = (event: CloudEvent, path: string): string => {
  const value = valueAt(event, path);
  return textOf(value) ?? refuse(path, value, 'a string, a number or a boolean to name series by');
};

const labelsOf = (event: CloudEvent, paths: readonly LabelPath[]): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (const { label, path } of paths) {
    const text = textOf(valueAt(event, path));
    if (text !== undefined) labels[label] = text;
  }
  return labels;
};

const timeOf = (event: CloudEvent, { time: path, maxAheadMs }: ReadingPaths, position: string): number => {
  // The id of an entry starts with the milliseconds at which it was routed: the same at every attempt, whoever's clock.
  const arrivedMs = Number(position.split('-')[0]);
  const value = valueAt(event, path);
  const timeMs = value === undefined ? arrivedMs : parseTime(value, path);
  if (maxAheadMs > 0 && timeMs > arrivedMs + maxAheadMs) {
    const ahead = `${timeMs - arrivedMs} ms after the event came`;
    throw new PermanentError(
      `${path} is ${writeJson(value)}, ${ahead}; the limit is ${maxAheadMs} ms (SERIES_MAX_AHEAD)`,
    );
  }
  return timeMs;
};

const parseTime = (value: unknown, path: string): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  const parsed = typeof value === 'string' ? timestampMs(value) : undefined;
  return parsed === undefined || parsed < 0 ? refuse(path, value, 'an RFC 3339 time or Unix milliseconds') : parsed;
};
