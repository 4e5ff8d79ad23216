import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsInt,
  IsObject,
  Max,
  Min,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { Optional } from '../read-body.js';

@ValidatorConstraint({ name: 'eventOrText' })
class EventOrText implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
  }

  defaultMessage(): string {
    return '$property takes an object, or its JSON as text';
  }
}

/** `POST /api/routes/test`: text shows what an object cannot, as duplicate keys and long numbers. */
export class TestBody {
  @IsDefined() @Validate(EventOrText) pattern!: string | object;
  @IsDefined() @Validate(EventOrText) event!: string | object;
}

/** `POST /api/routes` */
export class RoutesBody {
  @IsArray() @ArrayMaxSize(10_000) @IsObject({ each: true }) routes!: Record<string, unknown>[];
  /** The version that the change was made for. */
  @Optional() @IsInt() @Min(0) version?: number;
}

/** `POST /api/routes/rollback` */
export class RollbackBody {
  @IsInt() @Min(0) to!: number;
}

/** `POST /api/routes/:name/shadow` */
export class ShadowBody {
  /** Retained events to run it over, the newest. */
  @Optional() @IsInt() @Min(1) @Max(100_000) last?: number;
  /** In place of those: live traffic, for so many seconds. */
  @Optional() @IsInt() @Min(1) @Max(60) seconds?: number;
  /** A route in place of the draft of this name. */
  @Optional() @IsObject() route?: Record<string, unknown>;
}
