import { BASE, FunctionLibrary, NUMBERS } from '@millrace/streams/redis/internal';
import { CHANGE } from './change.js';

/** What a change of definitions calls. */
export type DefinitionFunction = 'change';

/** The Functions of definitions: a library of their own, so that a follower knows nothing of operators. */
export const DEFINITIONS_LIBRARY = new FunctionLibrary<DefinitionFunction>(
  'millrace_definitions',
  [NUMBERS, BASE, CHANGE],
  { change: { whenFull: false } },
);

/** The text of that library, for `loadFunctions` of the transport. */
export const DEFINITIONS_FUNCTIONS: string = DEFINITIONS_LIBRARY.source;
