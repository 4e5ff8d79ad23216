import { answer, inQuery, later, type Operation, operation, problem } from '../operation.js';
import {
  anyObject,
  described,
  type Json,
  list,
  matching,
  named,
  number,
  object,
  orNull,
  real,
  type Schema,
  type Shape,
  text,
  textTo,
  whole,
} from '../schema.js';

const name = { ...textTo(256), minLength: 1 };
const READING = { source: name, metric: name, value: real };
const occurredAt = { ...text, format: 'date-time' };

/** One reading. */
export const Measurement = named('Measurement', object({ ...READING, occurredAt }));
export type Measurement = Shape<typeof Measurement>;

/** One entry of the stream of measurements. */
export const IngestEntry = object({
  id: text,
  value: described(anyObject, 'A Measurement, or another entry of the stream'),
});
export type IngestEntry = Shape<typeof IngestEntry>;

const AppendedIngest = object({ id: text, value: Measurement });
export type AppendedIngest = Shape<typeof AppendedIngest>;

/** What one call of the worker did. */
const ProcessedIngest = object({ read: number, processed: number, dead_lettered: number, acked: number });
export type ProcessedIngest = Shape<typeof ProcessedIngest>;

const Point = named('Point', object({ timestampMs: whole(0), value: real }));

/** The state of the stream, and the latest of each metric. */
const IngestSummary = object({
  queue: object({ total: number, pending: number, dead_lettered: number }),
  metrics: list(
    object({
      metric: text,
      raw: orNull(Point),
      rollup: described(orNull(Point), 'Null until its window is complete'),
    }),
  ),
});
export type IngestSummary = Shape<typeof IngestSummary>;

const example = (schema: Schema, value: Json): Schema => ({ ...schema, examples: [value] });
const NewMeasurement = object(READING, { occurredAt: described(occurredAt, 'Default: now') });
const Work = object({
  consumer: matching(/^[\w.-]{1,128}$/, '1 to 128 letters, digits, ".", "_" or "-"'),
  count: whole(1, 1000),
});

const guarded = (operationId: string, summary: string, { answers, ...takes }: Operation): Json => ({
  tags: ['measurements'],
  ...operation(operationId, summary, {
    ...takes,
    answers: {
      403: problem('The API key may not publish, or not this source or metric, or is restricted to some of them'),
      503: later('Redis is unavailable'),
      ...answers,
    },
  }),
});

export const MEASUREMENT_PATHS: Json = {
  '/api/ingest/events': {
    post: guarded('ingest', 'Append a reading to the stream of measurements', {
      body: example(NewMeasurement, { source: 'sensor-1', metric: 'temperature', value: 21.5 }),
      answers: {
        200: answer('Appended', AppendedIngest),
        429: later(
          'The queue is full, the router too far behind, or the rate limit of the API key exceeded; nothing was accepted',
        ),
      },
    }),
  },
  '/api/ingest/workers/process': {
    post: guarded('processIngested', 'Process the next entries as a consumer', {
      body: example(Work, { consumer: 'worker-1', count: 10 }),
      answers: { 200: answer('The result', ProcessedIngest) },
    }),
  },
  '/api/ingest/summary': {
    get: guarded('ingestSummary', 'The queue, and the latest of each metric', {
      answers: { 200: answer('The summary', IngestSummary) },
    }),
  },
  '/api/ingest/events/recent': {
    get: guarded('recentIngested', 'The newest entries, newest first', {
      parameters: inQuery(object({ limit: whole(1, 1000, { default: 20 }) })),
      answers: { 200: answer('The entries', list(IngestEntry)) },
    }),
  },
};
