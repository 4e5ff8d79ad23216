import { parseDuration } from '@millrace/host';
import type { Aggregate, RollupSpec } from '@millrace/series';

const AGGREGATES: readonly string[] = ['avg', 'min', 'max', 'sum', 'count', 'last'] satisfies Aggregate[];

/** The rollup of `avg:1m`, or undefined if the text is none. */
export const parseRollup = (text: string): RollupSpec | undefined => {
  const [aggregate = '', bucket = '', ...more] = text.split(':');
  const bucketMs = parseDuration(bucket);
  if (!AGGREGATES.includes(aggregate) || !bucketMs || more.length > 0) return undefined;
  return { aggregate: aggregate as Aggregate, bucketMs };
};
