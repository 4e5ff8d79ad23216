import { withQuery } from '../../api/address.js';

/** What of the series is shown; what is empty does not matter. */
export interface Question {
  readonly metric: string;
  readonly label: string;
  readonly value: string;
  readonly aggregate: string;
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
}

export const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count', 'last'] as const;
export const AUTO = 'auto';
export const BUCKETS = ['10s', '1m', '10m', '1h', '6h', '1d', '7d', '30d'] as const;

const SIZES: Readonly<Record<(typeof BUCKETS)[number], number>> = {
  '10s': 10_000,
  '1m': 60_000,
  '10m': 600_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};

const WANTED_POINTS = 250;

export const questionOf = (query: URLSearchParams): Question => ({
  metric: query.get('metric') ?? '',
  label: query.get('label') ?? '',
  value: query.get('value') ?? '',
  aggregate: query.get('aggregate') ?? 'avg',
  bucket: query.get('bucket') ?? AUTO,
  from: query.get('from') ?? '',
  to: query.get('to') ?? '',
});

/** The smallest bucket that leaves a span readable. */
export const bucketFor = (fromMs: number, toMs: number): string =>
  BUCKETS.find((bucket) => (toMs - fromMs) / SIZES[bucket] <= WANTED_POINTS) ?? '30d';

/** A value that the API would take for a list, or for one in quotes, goes in quotes. */
const quoted = (value: string): string => (/^["(]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value);

const filtersOf = ({ metric, label, value }: Question): string[] => [
  ...(metric === '' ? [] : [`metric=${quoted(metric)}`]),
  ...(label === '' ? [] : value === '' ? [`${label}!=`] : [`${label}=${quoted(value)}`]),
];

/** The path that asks for the oldest sample of each series, by which a bucket is chosen. */
export const oldestPath = (question: Question): string => {
  const { from, to } = question;
  return withQuery('series', { filter: filtersOf(question), from, to, limit: 1 });
};

/** The path that asks for the points; `bucket` is one of a size. Samples as they are where the aggregate is empty. */
export const pointsPath = (question: Question, bucket: string): string => {
  const { from, to, aggregate } = question;
  const rollup = aggregate === '' ? {} : { aggregate, bucket };
  return withQuery('series', { filter: filtersOf(question), from, to, ...rollup, limit: 1000 });
};
