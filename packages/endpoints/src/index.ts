/** Webhook endpoints as data: their written form, their store in Redis, and how they fare. */
export { type Attempt, AttemptLog } from './attempt-log.js';
export {
  type Endpoint,
  type EndpointAbout,
  EndpointError,
  type EndpointFormat,
  EndpointMissing,
  type EndpointSource,
  groupOf,
  shownUrl,
  streamOf,
  takes,
  WEBHOOK_HOP,
} from './endpoint.js';
export { parseEndpointFile } from './endpoint-file.js';
export {
  type EndpointFailing,
  type EndpointOff,
  type EndpointOrders,
  type EndpointState,
  EndpointStates,
} from './endpoint-states.js';
export { type By, type EndpointSet, EndpointStore, type WrittenEndpoint } from './endpoint-store.js';
export { parseEndpoint } from './parse-endpoint.js';
export type { VariableReader } from './parse-keys.js';
export { retryNow } from './retry-now.js';
