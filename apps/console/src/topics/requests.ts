import { IsIn, IsString, MaxLength } from 'class-validator';
import { Optional } from '../read-body.js';

/** `GET /api/topics/:topic/tail` */
export class TailQuery {
  @Optional() @IsString() @MaxLength(1024) type?: string;
  @Optional() @IsString() @MaxLength(1024) id?: string;
  @Optional() @IsString() @MaxLength(1024) text?: string;
  @Optional() @IsString() @MaxLength(100_000) pattern?: string;
}

/** `GET /api/topics/:topic/events` */
export class EventsQuery extends TailQuery {
  @Optional() @IsString() @MaxLength(40) from?: string;
  @Optional() @IsString() @MaxLength(40) to?: string;
  @Optional() @IsString() @MaxLength(20) limit?: string;
  @Optional() @IsString() @MaxLength(40_000) cursor?: string;
  @Optional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest';
}
