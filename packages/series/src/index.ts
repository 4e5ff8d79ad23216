export { seriesName } from './keys.js';
export { openSeriesStore, type StoreChoice, type StoreOptions } from './open.js';
export type {
  Aggregate,
  OnDuplicate,
  Point,
  RangeOptions,
  Refusal,
  Rollup,
  RollupSpec,
  Sample,
  SampleCommand,
  SampleResult,
  SeriesRef,
  SeriesSpec,
  SeriesStore,
  StoreKind,
} from './series.js';
