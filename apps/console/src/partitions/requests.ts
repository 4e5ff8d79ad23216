import { MOST_PARTITIONS } from '@millrace/streams/redis';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** The request is open for as long, and proxies give up after a few minutes of silence. */
export const LONGEST_WAIT_MS = 240_000;

/** `POST /api/partitions/raise` */
export class RaiseBody {
  @IsInt() @Min(1) @Max(MOST_PARTITIONS) to!: number;
  /** How long nothing may be taken in. */
  @IsOptional() @IsInt() @Min(1000) @Max(LONGEST_WAIT_MS) waitMs?: number;
}
