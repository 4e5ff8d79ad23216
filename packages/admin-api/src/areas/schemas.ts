import {
  answer,
  change,
  get,
  getOne,
  HistoryQuery,
  inPath,
  inQuery,
  LIST,
  NEXT,
  operation,
  problem,
  VERSION,
} from '../operation.js';
import {
  anyObject,
  anything,
  closed,
  described,
  either,
  type Json,
  judged,
  list,
  matching,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  record,
  type Shape,
  text,
  textTo,
  yes,
} from '../schema.js';
import { Rollback } from './routes.js';

const Mode = oneOf('off', 'warn', 'enforce');

/** The schemas of a type of events. */
export const TypeSchemas = named(
  'TypeSchemas',
  object(
    { type: text, mode: Mode, versions: described(record(anything), 'JSON Schemas by version') },
    { current: described(text, 'The version for events that name none; without it, the highest') },
  ),
);
export type TypeSchemas = Shape<typeof TypeSchemas>;

export const SchemaList = object({ version: number, schemas: list(TypeSchemas), ...NEXT });
export type SchemaList = Shape<typeof SchemaList>;

/** One version, as the history has it. */
export const SchemaVersion = named(
  'SchemaVersion',
  object({
    version: number,
    at: ms,
    who: text,
    action: text,
    changes: list(object({ field: text, before: orNull(text), after: orNull(text) })),
  }),
);
export type SchemaVersion = Shape<typeof SchemaVersion>;

export const SchemaHistory = object({ changes: list(SchemaVersion), ...NEXT });
export type SchemaHistory = Shape<typeof SchemaHistory>;

export const SchemaVerdict = object({ valid: yes }, { pointer: text, message: text });
export type SchemaVerdict = Shape<typeof SchemaVerdict>;

/** What the schemas of a type do. */
export const SchemaSettings = closed(
  object(
    {},
    {
      mode: Mode,
      current: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'The version for events that name none, such as v2'),
    },
  ),
);
export type SchemaSettings = Shape<typeof SchemaSettings>;

export const SchemaTest = closed(object({ type: textTo(1024), event: anyObject }));
export type SchemaTest = Shape<typeof SchemaTest>;

export const SCHEMA_PATHS: Json = {
  '/api/schemas': { get: get('schemas', 'The schemas in Redis', SchemaList, LIST) },
  '/api/schemas/history': {
    get: get('schemasHistory', 'Changes, newest first', SchemaHistory, inQuery(HistoryQuery)),
  },
  '/api/schemas/rollback': {
    post: change('rollbackSchemas', 'Rolls all schemas back to a version', [], Rollback),
  },
  '/api/schemas/test': {
    post: operation('testSchema', 'Validates an event against the schema of its type', {
      body: SchemaTest,
      answers: {
        200: answer('The verdict', SchemaVerdict),
        404: problem('No schema of this type'),
        422: problem('The stored schema is invalid'),
      },
    }),
  },
  '/api/schemas/{type}': {
    get: getOne('schemasOfType', 'The schemas of a type', TypeSchemas, inPath('type')),
    put: change('setSchemas', 'Sets the mode, or the current version', [...inPath('type'), ...VERSION], SchemaSettings),
    delete: change('deleteSchemas', 'Deletes all schemas of a type', [...inPath('type'), ...VERSION]),
  },
  '/api/schemas/{type}/versions/{name}': {
    put: change(
      'saveSchema',
      'Saves a version; an existing one is not replaced',
      [...inPath('type', 'name'), ...VERSION],
      described(judged(either(anyObject, yes)), 'A JSON Schema, 2020-12'),
    ),
  },
};
