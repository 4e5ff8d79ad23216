import { IsBoolean, IsInt, IsObject, IsString, Max, MaxLength, Min } from 'class-validator';
import { readPoint } from '../query.js';
import { Optional } from '../read-body.js';
import type { ReplayOrder } from './replay.js';

const PER_SECOND = 500;

/** `POST /api/replays` */
export class ReplayBody {
  @IsString() @MaxLength(200) topic!: string;
  @IsString() @MaxLength(200) sink!: string;
  @Optional() @IsString() @MaxLength(40) from?: string;
  @Optional() @IsString() @MaxLength(40) to?: string;
  @Optional() @IsObject() pattern?: Record<string, unknown>;
  /** Most events a second. */
  @Optional() @IsInt() @Min(1) @Max(100_000) perSecond?: number;
  /** To an endpoint: also what its topics and its pattern leave out. */
  @Optional() @IsBoolean() unfiltered?: boolean;
  /** Says what would be done, and does nothing. */
  @Optional() @IsBoolean() dryRun?: boolean;
}

/** The order of a body. Throws a 400 where an end of the range is none. */
export const orderOf = ({
  topic,
  sink,
  from,
  to,
  pattern,
  perSecond,
  unfiltered = false,
}: ReplayBody): ReplayOrder => ({
  topic,
  sink,
  from: readPoint('from', from, '-', '/from'),
  to: readPoint('to', to, '+', '/to'),
  pattern: pattern ?? null,
  perSecond: perSecond ?? PER_SECOND,
  ...(unfiltered ? { unfiltered } : {}),
});
