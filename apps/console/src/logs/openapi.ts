import { LOG_LEVELS } from '@millrace/host';
import { get, inPath, json, problem } from '../openapi/operation.js';
import { type Json, list, ms, object, orNull, ref, text } from '../openapi/schema.js';

const level = { enum: LOG_LEVELS };

export const LOG_SCHEMAS: Json = {
  LogLevel: object({ service: text, level, until: orNull(ms) }),
  ChangedLogLevel: object({
    service: text,
    level: { ...orNull(level), description: 'Null: its own, of LOG_LEVEL' },
    until: orNull(ms),
    warnings: { ...list(text), description: 'Why it is not as it seems' },
  }),
};

const change = (operationId: string, summary: string, more: Json): Json => ({
  operationId,
  summary,
  parameters: inPath('service'),
  security: [{}, { bearer: [] }, { 'api-key': [] }],
  ...more,
});

/** The paths of log levels in the OpenAPI document. */
export const LOG_PATHS: Json = {
  '/api/logs/level': get(
    'logLevels',
    'Levels that were set in place of LOG_LEVEL, by service; `all` is for those that have none of their own',
    object({ levels: list(ref('LogLevel')) }),
  ),
  '/api/logs/level/{service}': {
    put: change('setLogLevel', 'The processes of a service log at a level, within a second', {
      requestBody: json({
        type: 'object',
        required: ['level'],
        properties: { level, seconds: { type: 'integer', minimum: 1 } },
      }),
      responses: {
        200: { description: 'What is so now', ...json(ref('ChangedLogLevel')) },
        400: problem('The service or something in the body is not valid'),
        403: problem('The role of the key does not reach'),
      },
    }),
    delete: change('resetLogLevel', 'They log at their LOG_LEVEL again, or at what is set for all', {
      responses: {
        200: { description: 'What is so now', ...json(ref('ChangedLogLevel')) },
        403: problem('The role of the key does not reach'),
        404: problem('No level is set for it'),
      },
    }),
  },
};
