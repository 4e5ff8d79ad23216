import { MOST_PARTITIONS } from '@millrace/operations';
import { IsInt, Max, Min } from 'class-validator';
import { Optional } from '../read-body.js';

/** The request is open for as long, and proxies give up after a few minutes of silence. */
export const LONGEST_WAIT_MS = 240_000;

/** `POST /api/partitions/raise` */
export class RaiseBody {
  @IsInt() @Min(1) @Max(MOST_PARTITIONS) to!: number;
  /** How long nothing may be taken in. */
  @Optional() @IsInt() @Min(1000) @Max(LONGEST_WAIT_MS) waitMs?: number;
}
