export { AGGREGATES, CHUNK_SIZES, isChunkSize } from './check.js';
export { seriesName } from './keys.js';
export { LIBRARY as SERIES_FUNCTIONS } from './library.js';
export { openSeriesSource, openSeriesStore, type StoreChoice, type StoreOptions } from './open.js';
export { type LabelFilter, parseLabelFilter } from './reading/label-filter.js';
export { openSeriesReader, type SeriesPoints, type SeriesRange, SeriesReader } from './reading/series-reader.js';
export type * from './series.js';
export { ModuleForbidden, ModuleMissing, ModuleUnusable } from './timeseries/module.js';
