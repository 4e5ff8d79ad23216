export { Deliverer } from './deliverer.js';
export { DeliveryReport } from './delivery-report.js';
export type { ForwardingSink } from './forwarding-sink.js';
export { runSink } from './run-sink.js';
export type { Sink, SinkEvent, WriteFailure } from './sink.js';
export { type SinkDefinition, SinkModule } from './sink-module.js';
export { Topics } from './topics.js';
