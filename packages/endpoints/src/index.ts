/** Webhook endpoints as data: their written form, their store in Redis, and their state. */
export { type Attempt, AttemptLog } from './attempt-log.js';
export {
  type Endpoint,
  type EndpointAbout,
  EndpointError,
  type EndpointFormat,
  groupOf,
  shownUrl,
  streamOf,
  takes,
  WEBHOOK_HOP,
  type WrittenEndpoint,
} from './endpoint.js';
export {
  type EndpointFailing,
  type EndpointOff,
  type EndpointOrders,
  type EndpointState,
  EndpointStates,
} from './endpoint-states.js';
export { EndpointStore } from './endpoint-store.js';
export { endpointsKind } from './endpoints-kind.js';
export { parseEndpoint } from './parse-endpoint.js';
export type { VariableReader } from './parse-keys.js';
export { retryNow } from './retry-now.js';
export { HIDDEN, hidesSomething, withoutSecrets } from './without-secrets.js';
