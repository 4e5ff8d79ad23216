import { get, inQuery } from '../operation.js';
import {
  described,
  type Json,
  list,
  ms,
  named,
  number,
  object,
  oneOf,
  real,
  record,
  type Shape,
  text,
  textTo,
  whole,
} from '../schema.js';

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

export const SeriesQuery = object(
  { limit: whole(1, 1000, { default: 1000, description: 'Maximum points per series' }) },
  {
    filter: described(
      list(textTo(1000), { maxItems: 20 }),
      'label=value, label!=value, label=(one,other), label= (absent) or label!= (present); may be repeated',
    ),
    from: textTo(40, 'Start: a time or Unix milliseconds'),
    to: textTo(40, 'End'),
    bucket: textTo(20, 'With `aggregate`: a duration, such as 1m'),
    aggregate: described(oneOf('avg', 'min', 'max', 'sum', 'count', 'last'), 'With `bucket`'),
  },
);
export type SeriesQuery = Shape<typeof SeriesQuery>;

export const SERIES_PATHS: Json = {
  '/api/series': {
    get: get(
      'series',
      'Samples, or aggregates of whole buckets, of the first 100 series by name that match',
      Series,
      inQuery(SeriesQuery),
    ),
  },
  '/api/series/labels': { get: get('seriesLabels', 'Metrics and labels of the first thousand series', SeriesLabels) },
};
