/** The EventBridge pattern language with event-ruler's semantics: parse, match, explain, index. Pure. */
export { EventFields } from './event-fields.js';
export { type AlternativeVerdict, type Explanation, explain, explainInParts, type LeafVerdict } from './explain.js';
export { parseFilters } from './filters.js';
export { findText } from './find-text.js';
export { matches, matchesInParts } from './match.js';
export { type Pattern, parsePattern } from './parse-pattern.js';
export { atOnce, isLarge, type Parts } from './parts.js';
export { PatternError } from './pattern-error.js';
export { PatternIndex, type Rule } from './pattern-index.js';
export { StepLimitError, Steps } from './steps.js';
export { matchesWildcard, parseWildcard, type Wildcard } from './wildcard.js';
