export { describeTransport, type TransportHarness } from './contract-suite.js';
