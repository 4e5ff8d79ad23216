export { describeSink, type SinkUnderTest, type Target } from './conformance.js';
