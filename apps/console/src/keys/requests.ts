import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength } from 'class-validator';
import { Optional } from '../read-body.js';

/** `POST /api/keys`; what the members take is said where keys are made. */
export class NewKeyBody {
  @IsString() @MaxLength(64) name!: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10) scopes!: string[];
  @Optional() @IsArray() sources?: string[];
  @Optional() @IsArray() types?: string[];
  /** A time, Unix milliseconds as a text, or how long from now, as `90d`. */
  @Optional() @IsString() @MaxLength(64) expires?: string;
  /** Events that it may publish, as `1000/s`. */
  @Optional() @IsString() @MaxLength(64) rateLimit?: string;
}

/** `POST /api/keys/:name/rotate` */
export class RotateKeyBody {
  /** How long the secret before goes on, as `24h`. */
  @Optional() @IsString() @MaxLength(64) grace?: string;
}
