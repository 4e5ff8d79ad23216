import { IsIn, IsInt, IsObject, IsString, Matches, MaxLength, Min } from 'class-validator';
import { Optional } from '../read-body.js';

/** `PUT /api/schemas/:type` */
export class SchemaSettingsBody {
  @Optional() @IsIn(['off', 'warn', 'enforce']) mode?: 'off' | 'warn' | 'enforce';
  /** The version of events that name none. */
  @Optional() @IsString() @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/) current?: string;
}

/** `POST /api/schemas/test` */
export class SchemaTestBody {
  @IsString() @MaxLength(1024) type!: string;
  @IsObject() event!: Readonly<Record<string, unknown>>;
}

/** `POST /api/schemas/rollback` */
export class SchemaRollbackBody {
  @IsInt() @Min(0) to!: number;
}
