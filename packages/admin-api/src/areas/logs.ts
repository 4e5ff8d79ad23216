import { answer, get, LIST, NEXT, operation, placed, problem } from '../operation.js';
import {
  closed,
  described,
  type Json,
  list,
  matching,
  ms,
  named,
  object,
  oneOf,
  orNull,
  type Shape,
  text,
  whole,
} from '../schema.js';

const Level = oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace');

/** A level that somebody set in place of `LOG_LEVEL`. */
export const LogLevel = named('LogLevel', object({ service: text, level: Level, until: orNull(ms) }));
export type LogLevel = Shape<typeof LogLevel>;

export const LogLevelList = object({ levels: list(LogLevel), ...NEXT });
export type LogLevelList = Shape<typeof LogLevelList>;

/** What a change of a level did. */
export const ChangedLogLevel = named(
  'ChangedLogLevel',
  object({
    service: text,
    level: described(orNull(Level), 'Null: its own LOG_LEVEL'),
    until: orNull(ms),
    warnings: described(list(text), 'Why the level has no effect'),
  }),
);
export type ChangedLogLevel = Shape<typeof ChangedLogLevel>;

const NOW = answer('The current setting', ChangedLogLevel);

/** How a service is to log. */
export const LogOrder = closed(
  object({ level: Level }, { seconds: whole(1, 31_536_000, { description: 'Duration; without it, until changed' }) }),
);
export type LogOrder = Shape<typeof LogOrder>;

const SERVICE = placed(
  'service',
  matching(/^[a-z0-9][a-z0-9-]{0,63}$/, 'The name of a service such as sink-postgres, or all'),
);

export const LOG_PATHS: Json = {
  '/api/logs/level': {
    get: get(
      'logLevels',
      'Overrides of LOG_LEVEL by service; `all` applies to services without their own',
      LogLevelList,
      LIST,
    ),
  },
  '/api/logs/level/{service}': {
    put: operation('setLogLevel', 'Overrides the log level of a service; takes effect within a second', {
      parameters: [SERVICE],
      body: LogOrder,
      answers: { 200: NOW },
    }),
    delete: operation('resetLogLevel', 'Removes the override: LOG_LEVEL, or the override for all, applies again', {
      parameters: [SERVICE],
      answers: { 200: NOW, 404: problem('No override is set for it') },
    }),
  },
};
