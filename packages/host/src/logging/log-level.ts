import type { Logger } from './logging.js';

/** The levels of `LOG_LEVEL`, from the least that is told to the most. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** What says at which level a process is to log, and when to ask it again. */
interface Asked {
  follow(onLook: () => void): void;
  logLevelOf(service: string): string | undefined;
}

const isMore = (level: string, than: string): boolean =>
  LOG_LEVELS.indexOf(level as never) > LOG_LEVELS.indexOf(than as never);

/** Keeps a log at the level that somebody asks for while the process runs; when nobody does any more, at its own. */
export const followLogLevel = (log: Logger, hop: string, asked: Asked): void => {
  const own = log.level;
  asked.follow(() => {
    const level = asked.logLevelOf(hop) ?? own;
    const before = log.level;
    if (level === before || !LOG_LEVELS.includes(level as never)) return;
    const tell = () => log.info(`log level set to ${level}, was ${before}`);
    // By whichever of the two says more.
    if (isMore(before, level)) tell();
    log.level = level;
    if (isMore(level, before)) tell();
  });
};
