import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** How a process logs. */
export interface LogOptions {
  readonly hop: string;
  readonly level: string;
  /** JSON lines, or lines for people. */
  readonly format: string;
}

/** A logger to standard output: JSON lines with level, time, hop and message. */
export const createLogger = ({ hop, level, format }: LogOptions): Logger =>
  pino({
    base: { hop },
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    ...(format === 'pretty'
      ? {
          transport: {
            target: 'pino-pretty',
            options: { ignore: 'hop,pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true },
          },
        }
      : {}),
  });

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
