/** What people decide, of any kind: how it is written, a file beside Redis, versions, drafts, the audit, and who follows it. */
export { DefinitionError, DefinitionMissing, VersionConflict } from './errors.js';
export * from './follow/follower.js';
export { type BySource, type Source, type Used, withPrecedence } from './follow/precedence.js';
export type { Kind, Naming, Origin, Written } from './kind/kind.js';
export { parseFile } from './kind/parse-all.js';
export { type Invalid, writtenIn } from './kind/parse-stored.js';
export { type DefinitionSet, DefinitionStore } from './store.js';
export { Audit, type AuditEntry } from './versions/audit.js';
export { DEFINITIONS_FUNCTIONS, DEFINITIONS_LIBRARY } from './versions/library.js';
export * from './versions/versioned-hash.js';
