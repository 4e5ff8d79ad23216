export { Deliverer } from './deliverer.js';
export { runSink } from './run-sink.js';
export type { Sink, SinkEvent, WriteFailure } from './sink.js';
export { type SinkDefinition, SinkModule } from './sink-module.js';
export { Topics } from './topics.js';
