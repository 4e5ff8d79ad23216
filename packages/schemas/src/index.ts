/** JSON Schemas of event types: their written form, what they say of an event, and their versions in Redis. */
export { SchemaStore } from './schema-store.js';
export { SCHEMAS } from './schemas-kind.js';
export { SchemaError, type SchemaMode, TypeSchemas, type Violation, type WrittenSchemas } from './type-schemas.js';
