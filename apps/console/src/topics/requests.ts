import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** `GET /api/topics/:topic/tail` */
export class TailQuery {
  @IsOptional() @IsString() @MaxLength(1024) type?: string;
  @IsOptional() @IsString() @MaxLength(1024) id?: string;
  @IsOptional() @IsString() @MaxLength(1024) text?: string;
  @IsOptional() @IsString() @MaxLength(100_000) pattern?: string;
}

/** `GET /api/topics/:topic/events` */
export class EventsQuery extends TailQuery {
  @IsOptional() @IsString() @MaxLength(40) from?: string;
  @IsOptional() @IsString() @MaxLength(40) to?: string;
  @IsOptional() @IsString() @MaxLength(20) limit?: string;
  @IsOptional() @IsString() @MaxLength(40_000) cursor?: string;
  @IsOptional() @IsIn(['newest', 'oldest']) order?: 'newest' | 'oldest';
}
