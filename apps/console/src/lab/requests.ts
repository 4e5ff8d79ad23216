import { IsInt, Max, Min } from 'class-validator';
import { Optional } from '../read-body.js';

/** `POST /api/lab/:topic/produce` */
export class ProduceBody {
  @IsInt() @Min(1) @Max(1000) count!: number;
}

/** `POST /api/lab/:topic/consumers` */
export class AddBody {
  @Optional() @IsInt() @Min(1) @Max(20) count?: number;
  /** Entries a second, each. */
  @Optional() @IsInt() @Min(1) @Max(100) perSecond?: number;
}

/** `POST /api/lab/:topic/consumers/:name/crash` */
export class CrashBody {
  /** Entries that it still handles. */
  @Optional() @IsInt() @Min(0) @Max(1_000_000) after?: number;
}

/** `POST /api/lab/:topic/claim` */
export class ClaimBody {
  @Optional() @IsInt() @Min(0) @Max(86_400_000) minIdleMs?: number;
}

/** `POST /api/lab/:topic/trim` */
export class TrimBody {
  @IsInt() @Min(1) @Max(1_000_000_000) maxLength!: number;
}
