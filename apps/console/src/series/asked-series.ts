import type { SeriesQuery } from '@millrace/admin-api';
import { type LabelFilter, parseLabelFilter, type Rollup, type SeriesRange } from '@millrace/series';
import { readBucket, readTime, refused } from '../contract/points.js';
import { refusal } from '../contract/problems.js';

/** Which series, and what of them. */
export interface AskedSeries {
  readonly filters: readonly LabelFilter[];
  readonly range: SeriesRange;
}

/** The series of a query. Throws a 400. */
export const seriesOf = (query: SeriesQuery): AskedSeries => {
  const { filter = [], from, to, limit } = query;
  const aggregate = aggregateOf(query);
  const range = {
    fromMs: readTime('from', from) ?? Number.NEGATIVE_INFINITY,
    toMs: readTime('to', to) ?? Number.POSITIVE_INFINITY,
    limit,
    ...(aggregate && { aggregate }),
  };
  return { filters: filter.map(filterOf), range };
};

const filterOf = (text: string): LabelFilter => {
  const filter = parseLabelFilter(text);
  if (filter !== undefined) return filter;
  throw refused('filter', text, 'label=value, label!=value, label=(one,other), label= (has none) or label!= (has one)');
};

const aggregateOf = ({ aggregate, bucket }: SeriesQuery): Rollup | undefined => {
  const bucketMs = readBucket('bucket', bucket);
  if (aggregate === undefined && bucketMs === undefined) return undefined;
  if (aggregate !== undefined && bucketMs !== undefined) return { aggregate, bucketMs };
  throw refusal('bad-request', 400, 'bucket and aggregate go together, as bucket=1m&aggregate=avg', 'aggregate');
};
