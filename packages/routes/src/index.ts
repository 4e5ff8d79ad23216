/** Routes as data: their written form, what they decide together, their transforms, and their versions in Redis. */
export { type Decider, Decisions } from './decisions.js';
export { parseRoute, type Route, RouteError, type WrittenRoute } from './route.js';
export { RouteStore } from './route-store.js';
export { type Copy, RouteTable } from './route-table.js';
export { ROUTES } from './routes-kind.js';
export { TransformError } from './transform.js';
export type { TransformJob, TransformLimits } from './transform-job.js';
export { type Transformed, Transformer } from './transformer.js';
