import * as op from '../operation.js';
import * as s from '../schema.js';

/** The samples of a series, or what was made of them. */
export const SeriesPoints = s.model('SeriesPoints', {
  name: s.text,
  labels: s.record(s.text),
  points: s.list(s.object({ timestampMs: s.ms, value: s.real })),
});
export type SeriesPoints = s.Shape<typeof SeriesPoints>;

export const Series = s.object({ matched: s.number, series: s.list(SeriesPoints) });
export type Series = s.Shape<typeof Series>;

/** What series can be asked for: metrics, and the values of every label. */
export const SeriesLabels = s.model('SeriesLabels', { metrics: s.list(s.text), labels: s.record(s.list(s.text)) });
export type SeriesLabels = s.Shape<typeof SeriesLabels>;

export const SeriesQuery = s.object(
  { limit: s.whole(1, 1000, { default: 1000, description: 'Maximum points per series' }) },
  {
    filter: s.described(
      s.list(s.textTo(1000), { maxItems: 20 }),
      'label=value, label!=value, label=(one,other), label= (absent) or label!= (present); may be repeated',
    ),
    from: s.textTo(40, 'Start: a time or Unix milliseconds'),
    to: s.textTo(40, 'End'),
    bucket: s.textTo(20, 'With `aggregate`: a duration, such as 1m'),
    aggregate: s.described(s.oneOf('avg', 'min', 'max', 'sum', 'count', 'last'), 'With `bucket`'),
  },
);
export type SeriesQuery = s.Shape<typeof SeriesQuery>;

export const SERIES_PATHS: s.Json = {
  '/api/series': {
    get: op.get(
      'series',
      'Samples, or aggregates of whole buckets, of the first 100 series by name that match',
      Series,
      op.inQuery(SeriesQuery),
    ),
  },
  '/api/series/labels': {
    get: op.get('seriesLabels', 'Metrics and labels of the first thousand series', SeriesLabels),
  },
};
