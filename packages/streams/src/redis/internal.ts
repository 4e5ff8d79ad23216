// What packages of Millrace are built upon beside the public part: it may change with any version.
export { storedFailures } from '../stored.js';
export { type Answer, answered, answeredOr, askAll, type Query } from './connection/ask-all.js';
export { keyBytes } from './connection/key-bytes.js';
export { ofReachablePrimaries } from './connection/primaries.js';
export {
  inForce,
  lasting,
  logField,
  logLevelsIn,
  pauseField,
  pausesIn,
  TRACE_FIELD,
  traceIn,
} from './control/settings.js';
export { Functions } from './functions/functions.js';
export { FunctionLibrary, type FunctionTraits } from './functions/library.js';
export { BASE } from './functions/lua/base.js';
export { DENIED } from './functions/lua/denied.js';
export { FRAMES } from './functions/lua/frames.js';
export { LOSSES } from './functions/lua/losses.js';
export { NUMBERS } from './functions/lua/numbers.js';
export { PARKED } from './functions/lua/parked.js';
export { RAISE_STATE } from './functions/lua/raise-state.js';
export { STREAMS_LIBRARY } from './functions/streams-library.js';
export { inspect, isNothing } from './observe/inspect.js';
export { gateText } from './partitions/gate.js';
export { traceDigest, traceKeys } from './settle/trace-log.js';
