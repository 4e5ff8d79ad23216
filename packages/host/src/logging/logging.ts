import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger } from 'pino';

/** How a process logs. */
export interface LogOptions {
  readonly hop: string;
  readonly level: string;
  /** JSON lines, or lines for people. */
  readonly format: string;
}

/** A logger to standard output: JSON lines with level, time, hop and message. */
export const createLogger = ({ hop, level, format }: LogOptions): Logger => {
  const options = {
    base: { hop },
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // In this thread: a worker's file is not found in a bundle.
  return format === 'pretty' ? pino(options, pretty(FOR_PEOPLE)) : pino(options);
};

const FOR_PEOPLE = { ignore: 'hop,pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true } as const;

/** Nest's own messages in the same log; what it tells of its start only at `debug`. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (message instanceof Error) this.logger.error({ err: message }, message.message);
    else this.logger.error({ context: rest.at(-1) }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
}
