export { describeTransport, type TransportHarness } from './contract-suite.js';
export { ACK, consume, type HeldBatch, hold } from './take.js';
