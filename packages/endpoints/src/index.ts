/** Webhook endpoints as data: their written form, their store in Redis, and their state. */
export { type Attempt, AttemptLog } from './attempt-log.js';
export * from './endpoint.js';
export * from './endpoint-states.js';
export { EndpointStore } from './endpoint-store.js';
export { endpointsKind } from './endpoints-kind.js';
export { parseEndpoint } from './parse-endpoint.js';
export type { VariableReader } from './parse-keys.js';
export { retryNow } from './retry-now.js';
export { HIDDEN, hidesSomething, withoutSecrets } from './without-secrets.js';
