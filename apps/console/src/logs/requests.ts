import type { LogLevel } from '@millrace/admin-api';
import { LOG_LEVELS } from '@millrace/host';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { Optional } from '../read-body.js';

/** `/api/logs/level/:service` */
export class ServicePath {
  /** Name of a service, as `sink-postgres`, or `all`. */
  @Matches(/^[a-z0-9][a-z0-9-]{0,63}$/, { message: 'service takes the name of a service, as sink-postgres, or all' })
  service!: string;
}

/** `PUT /api/logs/level/:service` */
export class LogLevelBody {
  @IsIn(LOG_LEVELS) level!: LogLevel['level'];
  /** How long; without it until somebody says otherwise. */
  @Optional() @IsInt() @Min(1) @Max(31_536_000) seconds?: number;
}
