import * as op from '../operation.js';
import * as s from '../schema.js';
import { Rollback } from './routes.js';

const Mode = s.oneOf('off', 'warn', 'enforce');

/** The schemas of a type of events. */
export const TypeSchemas = s.model(
  'TypeSchemas',
  { type: s.text, mode: Mode, versions: s.described(s.record(s.anything), 'JSON Schemas by version') },
  { current: s.described(s.text, 'The version for events that name none; without it, the highest') },
);
export type TypeSchemas = s.Shape<typeof TypeSchemas>;

export const SchemaList = s.object({ version: s.number, schemas: s.list(TypeSchemas), ...op.NEXT });
export type SchemaList = s.Shape<typeof SchemaList>;

/** One version, as the history has it. */
export const SchemaVersion = s.model('SchemaVersion', {
  version: s.number,
  at: s.ms,
  who: s.text,
  action: s.text,
  changes: s.list(s.object({ field: s.text, before: s.orNull(s.text), after: s.orNull(s.text) })),
});
export type SchemaVersion = s.Shape<typeof SchemaVersion>;

export const SchemaHistory = s.object({ changes: s.list(SchemaVersion), ...op.NEXT });
export type SchemaHistory = s.Shape<typeof SchemaHistory>;

export const SchemaVerdict = s.object({ valid: s.yes }, { pointer: s.text, message: s.text });
export type SchemaVerdict = s.Shape<typeof SchemaVerdict>;

/** What the schemas of a type do. */
export const SchemaSettings = s.closed(
  {},
  {
    mode: Mode,
    current: s.matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'The version for events that name none, such as v2'),
  },
);
export type SchemaSettings = s.Shape<typeof SchemaSettings>;

export const SchemaTest = s.closed({ type: s.textTo(1024), event: s.anyObject });
export type SchemaTest = s.Shape<typeof SchemaTest>;

export const SCHEMA_PATHS: s.Json = {
  '/api/schemas': { get: op.get('schemas', 'The schemas in Redis', SchemaList, op.LIST) },
  '/api/schemas/history': {
    get: op.get('schemasHistory', 'Changes, newest first', SchemaHistory, op.inQuery(op.HistoryQuery)),
  },
  '/api/schemas/rollback': {
    post: op.change('rollbackSchemas', 'Rolls all schemas back to a version', [], Rollback),
  },
  '/api/schemas/test': {
    post: op.operation('testSchema', 'Validates an event against the schema of its type', {
      body: SchemaTest,
      answers: {
        200: op.answer('The verdict', SchemaVerdict),
        404: op.problem('No schema of this type'),
        422: op.problem('The stored schema is invalid'),
      },
    }),
  },
  '/api/schemas/{type}': {
    get: op.getOne('schemasOfType', 'The schemas of a type', TypeSchemas, op.inPath('type')),
    put: op.change(
      'setSchemas',
      'Sets the mode, or the current version',
      [...op.inPath('type'), ...op.VERSION],
      SchemaSettings,
    ),
    delete: op.change('deleteSchemas', 'Deletes all schemas of a type', [...op.inPath('type'), ...op.VERSION]),
  },
  '/api/schemas/{type}/versions/{name}': {
    put: op.change(
      'saveSchema',
      'Saves a version; an existing one is not replaced',
      [...op.inPath('type', 'name'), ...op.VERSION],
      s.described(s.judged(s.either(s.anyObject, s.yes)), 'A JSON Schema, 2020-12'),
    ),
  },
};
