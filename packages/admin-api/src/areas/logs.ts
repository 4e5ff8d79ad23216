import * as op from '../operation.js';
import * as s from '../schema.js';

const Level = s.oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace');

/** A level that somebody set in place of `LOG_LEVEL`. */
export const LogLevel = s.model('LogLevel', { service: s.text, level: Level, until: s.orNull(s.ms) });
export type LogLevel = s.Shape<typeof LogLevel>;

export const LogLevelList = s.object({ levels: s.list(LogLevel), ...op.NEXT });
export type LogLevelList = s.Shape<typeof LogLevelList>;

/** What a change of a level did. */
export const ChangedLogLevel = s.model('ChangedLogLevel', {
  service: s.text,
  level: s.described(s.orNull(Level), 'Null: its own LOG_LEVEL'),
  until: s.orNull(s.ms),
  warnings: s.described(s.list(s.text), 'Why the level has no effect'),
});
export type ChangedLogLevel = s.Shape<typeof ChangedLogLevel>;

const NOW = op.answer('The current setting', ChangedLogLevel);

/** How a service is to log. */
export const LogOrder = s.closed(
  { level: Level },
  { seconds: s.whole(1, 31_536_000, { description: 'Duration; without it, until changed' }) },
);
export type LogOrder = s.Shape<typeof LogOrder>;

const SERVICE = op.placed(
  'service',
  s.matching(/^[a-z0-9][a-z0-9-]{0,63}$/, 'The name of a service such as sink-postgres, or all'),
);

export const LOG_PATHS: s.Json = {
  '/api/logs/level': {
    get: op.get(
      'logLevels',
      'Overrides of LOG_LEVEL by service; `all` applies to services without their own',
      LogLevelList,
      op.LIST,
    ),
  },
  '/api/logs/level/{service}': {
    put: op.operation('setLogLevel', 'Overrides the log level of a service; takes effect within a second', {
      parameters: [SERVICE],
      body: LogOrder,
      answers: { 200: NOW },
    }),
    delete: op.operation('resetLogLevel', 'Removes the override: LOG_LEVEL, or the override for all, applies again', {
      parameters: [SERVICE],
      answers: { 200: NOW, 404: op.problem('No override is set for it') },
    }),
  },
};
