export type * from './areas/audit.js';
export type * from './areas/dead-letters.js';
export type * from './areas/keys.js';
export type * from './areas/lab.js';
export type * from './areas/logs.js';
export type * from './areas/me.js';
export type * from './areas/partitions.js';
export type * from './areas/pipeline.js';
export type * from './areas/replays.js';
export type * from './areas/routes.js';
export type * from './areas/schemas.js';
export type * from './areas/series.js';
export type * from './areas/sinks.js';
export type * from './areas/topics.js';
export type * from './areas/trace.js';
export type * from './areas/webhooks.js';
export {
  ADMIN_API,
  type ApiDocument,
  type DescribedOperation,
  type DescribedParameter,
  gatewayApi,
} from './document.js';
export type * from './gateway/events.js';
export type * from './gateway/measurements.js';
export type { JobState } from './job-state.js';
export type { AtVersion, ChangeQuery, HistoryQuery, ListQuery, NewestQuery, Trouble } from './operation.js';
export type { Problem } from './problem.js';
export { type Json, REFUSED_WITH } from './schema.js';
