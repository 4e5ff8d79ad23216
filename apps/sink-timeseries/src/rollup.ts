import { parseDuration } from '@millrace/host';
import { AGGREGATES, type Aggregate, type RollupSpec } from '@millrace/series';

/** The rollup of `avg:1m`, or of `avg:1m:30d`, which is kept for 30 days; undefined if the text is none. */
export const parseRollup = (text: string): RollupSpec | undefined => {
  const [aggregate = '', bucket = '', retention, ...more] = text.split(':');
  const bucketMs = parseDuration(bucket);
  const retentionMs = retention === undefined ? 0 : parseDuration(retention);
  if (!isAggregate(aggregate) || !bucketMs || retentionMs === undefined || more.length > 0) return undefined;
  return { aggregate, bucketMs, ...(retentionMs > 0 ? { retentionMs } : {}) };
};

const isAggregate = (text: string): text is Aggregate => (AGGREGATES as readonly string[]).includes(text);
