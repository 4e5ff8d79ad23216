import { AGGREGATES, type Aggregate } from '@millrace/series';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsString, MaxLength } from 'class-validator';
import { Optional } from '../read-body.js';

/** `GET /api/series` */
export class SeriesQuery {
  /** Given once or several times; a series has to match all. */
  @Optional()
  @Transform(({ value }) => (typeof value === 'string' ? [value] : value))
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  filter?: string[];
  @Optional() @IsString() @MaxLength(40) from?: string;
  @Optional() @IsString() @MaxLength(40) to?: string;
  @Optional() @IsString() @MaxLength(20) bucket?: string;
  @Optional() @IsIn(AGGREGATES) aggregate?: Aggregate;
  @Optional() @IsString() @MaxLength(20) limit?: string;
}
