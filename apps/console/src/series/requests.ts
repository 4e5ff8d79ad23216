import { AGGREGATES, type Aggregate } from '@millrace/series';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** `GET /api/series` */
export class SeriesQuery {
  /** Given once or several times; a series has to match all. */
  @IsOptional()
  @Transform(({ value }) => (typeof value === 'string' ? [value] : value))
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  filter?: string[];
  @IsOptional() @IsString() @MaxLength(40) from?: string;
  @IsOptional() @IsString() @MaxLength(40) to?: string;
  @IsOptional() @IsString() @MaxLength(20) bucket?: string;
  @IsOptional() @IsIn(AGGREGATES) aggregate?: Aggregate;
  @IsOptional() @IsString() @MaxLength(20) limit?: string;
}
