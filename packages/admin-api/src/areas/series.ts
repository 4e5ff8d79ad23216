import { get, query } from '../operation.js';
import { type Json, list, ms, named, number, object, oneOf, real, record, type Shape, text, whole } from '../schema.js';

/** The samples of a series, or what was made of them. */
export const SeriesPoints = named(
  'SeriesPoints',
  object({ name: text, labels: record(text), points: list(object({ timestampMs: ms, value: real })) }),
);
export type SeriesPoints = Shape<typeof SeriesPoints>;

export const Series = object({ matched: number, series: list(SeriesPoints) });
export type Series = Shape<typeof Series>;

/** What series can be asked for: metrics, and the values of every label. */
export const SeriesLabels = named('SeriesLabels', object({ metrics: list(text), labels: record(list(text)) }));
export type SeriesLabels = Shape<typeof SeriesLabels>;

export const SERIES_PATHS: Json = {
  '/api/series': {
    get: get('series', 'Samples, or aggregates of whole buckets, of the first 100 series by name that match', Series, [
      {
        ...query('filter', 'label=value, label!=value, label=(one,other), label= (has none) or label!= (has one)'),
        schema: list(text),
        explode: true,
      },
      query('from', 'The oldest: a time or Unix milliseconds'),
      query('to', 'The newest'),
      query('bucket', 'With `aggregate`: a duration, as 1m'),
      query('aggregate', 'With `bucket`', oneOf('avg', 'min', 'max', 'sum', 'count', 'last')),
      query('limit', 'Most points of a series', whole(1, 1000, { default: 1000 })),
    ]),
  },
  '/api/series/labels': { get: get('seriesLabels', 'What the first thousand series can be asked for', SeriesLabels) },
};
