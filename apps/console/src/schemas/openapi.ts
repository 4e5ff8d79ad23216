import { answer, change, get, inPath, post, problem, VERSION, withNotFound } from '../openapi/operation.js';
import { type Json, list, number, object, ref, text } from '../openapi/schema.js';

const SCHEMA_BODY = { type: ['object', 'boolean'], description: 'A JSON Schema, 2020-12' };

/** The paths of schemas in the OpenAPI document. */
export const SCHEMA_PATHS: Json = {
  '/api/schemas': get('schemas', 'The schemas in Redis', object({ version: number, schemas: list(ref('Schemas')) })),
  '/api/schemas/history': get('schemasHistory', 'Changes, newest first', object({ changes: list({ type: 'object' }) })),
  '/api/schemas/rollback': {
    post: change('rollbackSchemas', 'Makes all schemas what they were at a version', [], object({ to: number })),
  },
  '/api/schemas/test': {
    post: post('testSchema', 'Whether the schema of a type allows an event', object({ type: text, event: {} }), {
      200: answer('The verdict', {
        type: 'object',
        properties: { valid: { type: 'boolean' }, pointer: text, message: text },
      }),
      404: problem('There is no schema of that type'),
    }),
  },
  '/api/schemas/{type}': {
    ...withNotFound(get('schemasOfType', 'The schemas of a type', ref('Schemas'), inPath('type'))),
    put: change('setSchemas', 'What its schemas do, and which version is current', [...inPath('type'), VERSION], {
      type: 'object',
      properties: { mode: { enum: ['off', 'warn', 'enforce'] }, current: text },
    }),
    delete: change('deleteSchemas', 'Deletes all schemas of a type', [...inPath('type'), VERSION]),
  },
  '/api/schemas/{type}/versions/{name}': {
    put: change(
      'saveSchema',
      'Saves a version; one that is there is not replaced',
      [...inPath('type', 'name'), VERSION],
      SCHEMA_BODY,
    ),
  },
};
