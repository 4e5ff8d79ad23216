import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsObject, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { readPoint } from '../query.js';
import { Optional } from '../read-body.js';
import type { DeadLetterFilter } from './dead-letters.js';

/** A filter as it is sent. */
export class FilterBody {
  @Optional() @IsString() @MaxLength(200) hop?: string;
  @Optional() @IsString() @MaxLength(200) group?: string;
  @Optional() @IsString() @MaxLength(200) error?: string;
  @Optional() @IsString() @MaxLength(200) stream?: string;
  @Optional() @IsString() @MaxLength(1024) type?: string;
  @Optional() @IsString() @MaxLength(1024) text?: string;
  @Optional() @IsString() @MaxLength(40) from?: string;
  @Optional() @IsString() @MaxLength(40) to?: string;
}

/** `POST /api/dead-letters/purge` */
export class PurgeBody {
  @ValidateNested() @Type(() => FilterBody) @IsObject() filter!: FilterBody;
  /** Says what would be done, and does nothing. */
  @Optional() @IsBoolean() dryRun?: boolean;
}

/** `POST /api/dead-letters/redrive` */
export class RedriveBody extends PurgeBody {
  /** Most dead letters a second. */
  @Optional() @IsInt() @Min(1) @Max(100_000) perSecond?: number;
}

/** `POST /api/dead-letters/:group/:partition/:id/redrive` */
export class RedriveOneBody {
  /** A CloudEvent in place of the one that failed. */
  @Optional() @IsObject() event?: Readonly<Record<string, unknown>>;
}

/** The filter of a query, or of a body where it stands at a pointer. Throws a 400 where an end of the range is none. */
export const filterOf = (
  { hop, group, error, stream, type, text, from, to }: FilterBody,
  at?: string,
): DeadLetterFilter => ({
  hop,
  group,
  error,
  stream,
  type,
  text,
  from: readPoint('from', from, '-', at && `${at}/from`),
  to: readPoint('to', to, '+', at && `${at}/to`),
});
