/** JSON Schemas of event types: their written form, what they say of an event, and their versions in Redis. */
export { parseSchemaFile } from './schema-file.js';
export { type By, SchemaExists, type SchemaSet, SchemaStore } from './schema-store.js';
export { SchemaError, type SchemaMode, TypeSchemas, type Violation, type WrittenSchemas } from './type-schemas.js';
