import type { Aggregate, Refusal, Rejection, Rollup, Sample, SeriesSpec } from './series.js';

/** All aggregates. */
export const AGGREGATES: readonly Aggregate[] = ['avg', 'min', 'max', 'sum', 'count', 'last'];

/** A `rejected` result. */
export const rejected = (reason: Refusal, detail: string): Rejection => ({ status: 'rejected', reason, detail });

/** The result of a sample that needs no server to be refused; undefined for one that may be added. */
export const refusalOf = ({ timestampMs, value }: Sample): Rejection | undefined => {
  if (!Number.isFinite(value)) return rejected('not-finite', `the value ${value} is not a finite number`);
  if (isWhole(timestampMs)) return undefined;
  return rejected('bad-timestamp', `the time ${timestampMs} is not a whole number of milliseconds from 0`);
};

/** Throws a `RangeError` that names what cannot be in the spec. */
export const checkSpec = (spec: SeriesSpec): void => {
  const { name, retentionMs, rollups = [], chunkSize } = spec;
  if (name === '') throw new RangeError('a series has an empty name');
  checkRetention(name, retentionMs);
  if (chunkSize !== undefined && !isChunkSize(chunkSize)) {
    throw new RangeError(`the series ${name} has a chunk size of ${chunkSize} bytes: it must be ${CHUNK_SIZES}`);
  }
  checkIgnore(spec);
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
      `the series ${series} has the aggregate ${aggregate}: it must be one of ${AGGREGATES.join(', ')}`,
    );
  }
  if (!isWhole(bucketMs) || bucketMs === 0) {
    throw new RangeError(`the series ${series} has buckets of ${bucketMs} ms: they must be a whole number from 1`);
  }
};

/** The sizes that a chunk can have, in words. */
export const CHUNK_SIZES = 'a multiple of 8 from 48 to 1048576';

/** Whether chunks can be of that size. */
export const isChunkSize = (bytes: number): boolean =>
  Number.isInteger(bytes) && bytes >= 48 && bytes <= 1_048_576 && bytes % 8 === 0;

const checkIgnore = ({ name, ignore, onDuplicate = 'last' }: SeriesSpec): void => {
  if (ignore === undefined) return;
  if (!isWhole(ignore.timeMs) || !Number.isFinite(ignore.value) || ignore.value < 0) {
    throw new RangeError(
      `the series ${name} ignores within ${ignore.timeMs} ms and ${ignore.value}: both must be numbers from 0`,
    );
  }
  if (onDuplicate !== 'last') {
    throw new RangeError(`the series ${name} has ignore and the duplicate policy ${onDuplicate}: ignore requires last`);
  }
};

const checkRetention = (series: string, retentionMs = 0): void => {
  if (isWhole(retentionMs)) return;
  throw new RangeError(`the series ${series} has a retention of ${retentionMs} ms: it must be a whole number from 0`);
};

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
