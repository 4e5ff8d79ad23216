import type { Aggregate, Refusal, Rollup, Sample, SampleResult, SeriesSpec, StoreKind } from './series.js';

const AGGREGATES: readonly Aggregate[] = ['avg', 'min', 'max', 'sum', 'count', 'last'];

/** A `rejected` result. */
export const rejected = (reason: Refusal, detail: string): SampleResult => ({ status: 'rejected', reason, detail });

/** The result of a sample that needs no server to be refused; undefined for one that may be added. */
export const refusalOf = ({ timestampMs, value }: Sample): SampleResult | undefined => {
  if (!Number.isFinite(value)) return rejected('not-finite', `the value ${value} is not a finite number`);
  if (isWhole(timestampMs)) return undefined;
  return rejected('bad-timestamp', `the time ${timestampMs} is not a whole number of milliseconds from 0`);
};

/** Throws a `RangeError` that names what cannot be in the spec. */
export const checkSpec = (
  { name, retentionMs, rollups = [], onDuplicate = 'last' }: SeriesSpec,
  kind: StoreKind,
): void => {
  if (name === '') throw new RangeError('a series has an empty name');
  if (kind === 'plain' && onDuplicate !== 'last') {
    throw new RangeError(`the series ${name} asks for the duplicate policy ${onDuplicate}: the plain store knows last`);
  }
  checkRetention(name, retentionMs);
  for (const rollup of rollups) {
    checkRollup(name, rollup);
    checkRetention(name, rollup.retentionMs);
  }
  const names = rollups.map(({ aggregate, bucketMs }) => `${aggregate} of ${bucketMs} ms`);
  const twice = names.find((rollup, index) => names.indexOf(rollup) !== index);
  if (twice) throw new RangeError(`the series ${name} has the rollup ${twice} twice`);
};

/** Throws a `RangeError` that names what cannot be in the rollup. */
export const checkRollup = (series: string, { aggregate, bucketMs }: Rollup): void => {
  if (!AGGREGATES.includes(aggregate)) {
    throw new RangeError(
      `the series ${series} asks for the aggregate ${aggregate}: take one of ${AGGREGATES.join(', ')}`,
    );
  }
  if (!isWhole(bucketMs) || bucketMs === 0) {
    throw new RangeError(`the series ${series} asks for buckets of ${bucketMs} ms: take a whole number from 1`);
  }
};

const checkRetention = (series: string, retentionMs = 0): void => {
  if (isWhole(retentionMs)) return;
  throw new RangeError(`the series ${series} asks for a retention of ${retentionMs} ms: take a whole number from 0`);
};

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
