import { IsInt, IsNumber, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Optional } from '../read-body.js';

/** `GET /api/events/trace` */
export class TraceQuery {
  @IsString() @MinLength(1) @MaxLength(2048) source!: string;
  @IsString() @MinLength(1) @MaxLength(2048) id!: string;
  /** The `next` of an earlier answer. */
  @Optional() @IsString() @MaxLength(40_000) cursor?: string;
}

/** `PUT /api/trace` */
export class TraceSettingBody {
  /** Share of the events, from 0 to 1. */
  @IsNumber() @Min(0) @Max(1) sample!: number;
  /** How long; without it until somebody says otherwise. */
  @Optional() @IsInt() @Min(1) @Max(31_536_000) seconds?: number;
}
