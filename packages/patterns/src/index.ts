/** The EventBridge pattern language with event-ruler's semantics: parse, match, explain, index. Pure. */

export { parseFilters } from './language/filters.js';
export { findText } from './language/find-text.js';
export { type Pattern, parsePattern } from './language/parse-pattern.js';
export { PatternError } from './language/pattern-error.js';
export { matchesWildcard, parseWildcard, type Wildcard } from './language/wildcard.js';
export { EventFields } from './match/event-fields.js';
export * from './match/explain.js';
export { matches, matchesInParts } from './match/match.js';
export { atOnce, isLarge, type Parts } from './match/parts.js';
export { PatternIndex, type Rule } from './match/pattern-index.js';
export { StepLimitError, Steps } from './match/steps.js';
