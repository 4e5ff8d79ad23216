import { answer, get, operation, placed, problem } from '../operation.js';
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

export const LogLevelList = object({ levels: list(LogLevel) });
export type LogLevelList = Shape<typeof LogLevelList>;

/** What a change of a level did. */
export const ChangedLogLevel = named(
  'ChangedLogLevel',
  object({
    service: text,
    level: described(orNull(Level), 'Null: its own, of LOG_LEVEL'),
    until: orNull(ms),
    warnings: described(list(text), 'Why it is not as it seems'),
  }),
);
export type ChangedLogLevel = Shape<typeof ChangedLogLevel>;

const NOW = answer('What is so now', ChangedLogLevel);

/** How a service is to log. */
export const LogOrder = closed(
  object(
    { level: Level },
    { seconds: whole(1, 31_536_000, { description: 'How long; without it until somebody says otherwise' }) },
  ),
);
export type LogOrder = Shape<typeof LogOrder>;

const SERVICE = placed(
  'service',
  matching(/^[a-z0-9][a-z0-9-]{0,63}$/, 'The name of a service, as sink-postgres, or all'),
);

export const LOG_PATHS: Json = {
  '/api/logs/level': {
    get: get(
      'logLevels',
      'Levels that were set in place of LOG_LEVEL, by service; `all` is for those that have none of their own',
      LogLevelList,
    ),
  },
  '/api/logs/level/{service}': {
    put: operation('setLogLevel', 'The processes of a service log at a level, within a second', {
      parameters: [SERVICE],
      body: LogOrder,
      answers: { 200: NOW },
    }),
    delete: operation('resetLogLevel', 'They log at their LOG_LEVEL again, or at what is set for all', {
      parameters: [SERVICE],
      answers: { 200: NOW, 404: problem('No level is set for it') },
    }),
  },
};
