export { Deliverer, type DelivererOptions } from './deliverer.js';
export { deliveryReports } from './delivery-reports.js';
export type { ForwardingSink } from './forwarding-sink.js';
export { type DataClass, sinkEventOf } from './received-event.js';
export { runSink } from './run-sink.js';
export type { Sink, SinkContext, SinkEvent, WriteFailure } from './sink.js';
export { type SinkDefinition, SinkModule } from './sink-module.js';
export { Topics } from './topics.js';
