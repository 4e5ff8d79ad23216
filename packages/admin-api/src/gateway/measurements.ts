import * as op from '../operation.js';
import * as s from '../schema.js';

const name = { ...s.textTo(256), minLength: 1 };
const READING = { source: name, metric: name, value: s.real };
const occurredAt = { ...s.text, format: 'date-time' };

/** One reading. */
export const Measurement = s.model('Measurement', { ...READING, occurredAt });
export type Measurement = s.Shape<typeof Measurement>;

/** One entry of the stream of measurements. */
export const IngestEntry = s.object({
  id: s.text,
  value: s.described(s.anyObject, 'A Measurement, or another entry of the stream'),
});
export type IngestEntry = s.Shape<typeof IngestEntry>;

const AppendedIngest = s.object({ id: s.text, value: Measurement });
export type AppendedIngest = s.Shape<typeof AppendedIngest>;

/** What one call of the worker did. */
const ProcessedIngest = s.object({ read: s.number, processed: s.number, dead_lettered: s.number, acked: s.number });
export type ProcessedIngest = s.Shape<typeof ProcessedIngest>;

const Point = s.model('Point', { timestampMs: s.whole(0), value: s.real });

/** The state of the stream, and the latest of each metric. */
const IngestSummary = s.object({
  queue: s.object({ total: s.number, pending: s.number, dead_lettered: s.number }),
  metrics: s.list(
    s.object({
      metric: s.text,
      raw: s.orNull(Point),
      rollup: s.described(s.orNull(Point), 'Null until its window is complete'),
    }),
  ),
});
export type IngestSummary = s.Shape<typeof IngestSummary>;

const example = (schema: s.Schema, value: s.Json): s.Schema => ({ ...schema, examples: [value] });
const NewMeasurement = s.object(READING, { occurredAt: s.described(occurredAt, 'Default: now') });
const Work = s.object({
  consumer: s.matching(/^[\w.-]{1,128}$/, '1 to 128 letters, digits, ".", "_" or "-"'),
  count: s.whole(1, 1000),
});

const guarded = (operationId: string, summary: string, { answers, ...takes }: op.Operation): s.Json => ({
  tags: ['measurements'],
  ...op.operation(operationId, summary, {
    ...takes,
    answers: {
      403: op.problem('The API key may not publish, or not this source or metric, or is restricted to some of them'),
      503: op.later('Redis is unavailable'),
      ...answers,
    },
  }),
});

export const MEASUREMENT_PATHS: s.Json = {
  '/api/ingest/events': {
    post: guarded('ingest', 'Append a reading to the stream of measurements', {
      body: example(NewMeasurement, { source: 'sensor-1', metric: 'temperature', value: 21.5 }),
      answers: {
        200: op.answer('Appended', AppendedIngest),
        429: op.later(
          'The queue is full, the router too far behind, or the rate limit of the API key exceeded; nothing was accepted',
        ),
      },
    }),
  },
  '/api/ingest/workers/process': {
    post: guarded('processIngested', 'Process the next entries as a consumer', {
      body: example(Work, { consumer: 'worker-1', count: 10 }),
      answers: { 200: op.answer('The result', ProcessedIngest) },
    }),
  },
  '/api/ingest/summary': {
    get: guarded('ingestSummary', 'The queue, and the latest of each metric', {
      answers: { 200: op.answer('The summary', IngestSummary) },
    }),
  },
  '/api/ingest/events/recent': {
    get: guarded('recentIngested', 'The newest entries, newest first', {
      parameters: op.inQuery(s.object({ limit: s.whole(1, 1000, { default: 20 }) })),
      answers: { 200: op.answer('The entries', s.list(IngestEntry)) },
    }),
  },
};
