/** What every kind of definitions passes, as a suite. */
export { describeKind, type KindSamples, type KindTestkit } from './kind-suite.js';
