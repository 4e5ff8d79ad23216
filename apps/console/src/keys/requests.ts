import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';

/** `POST /api/keys`; what the members take is said where keys are made. */
export class NewKeyBody {
  @IsString() @MaxLength(64) name!: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10) scopes!: string[];
  @IsOptional() @IsArray() sources?: string[];
  @IsOptional() @IsArray() types?: string[];
  /** A time, Unix milliseconds as a text, or how long from now, as `90d`. */
  @IsOptional() @IsString() @MaxLength(64) expires?: string;
  /** Events that it may publish, as `1000/s`. */
  @IsOptional() @IsString() @MaxLength(64) rateLimit?: string;
}

/** `POST /api/keys/:name/rotate` */
export class RotateKeyBody {
  /** How long the secret before goes on, as `24h`. */
  @IsOptional() @IsString() @MaxLength(64) grace?: string;
}
