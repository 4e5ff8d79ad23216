import type { SeriesKeys } from '../keys.js';
import type { Sample, SeriesSpec } from '../series.js';

/** A sample and where it stood in its batch. */
export interface NumberedSample extends Sample {
  readonly index: number;
}

/** One series' part of a call of the Function `add`. */
export interface SeriesCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
  readonly samples: readonly NumberedSample[];
}

/** Keys and arguments as the Function `add` reads them. */
export const seriesCall = (keys: SeriesKeys, spec: SeriesSpec, samples: readonly NumberedSample[]): SeriesCall => {
  const { name: series, rollups = [], retentionMs = 0, onDuplicate = 'last', ignore } = spec;
  return {
    samples,
    keys: [keys.of({ series }), ...rollups.map((rollup) => keys.of({ series, rollup }))],
    args: [
      rollups.length,
      samples.length,
      retentionMs,
      onDuplicate,
      ignore?.timeMs ?? -1,
      ignore?.value ?? 0,
      ...rollups.flatMap(({ aggregate, bucketMs, retentionMs: kept = 0 }) => [aggregate, bucketMs, kept]),
      ...samples.flatMap(({ timestampMs, value }) => [timestampMs, value]),
    ],
  };
};
