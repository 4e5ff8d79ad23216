import { IsBoolean, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { Optional } from '../read-body.js';

/** `POST /api/webhooks/:name/rotate` */
export class RotateBody {
  /** The new secret; one is made without it. */
  @Optional() @IsString() @Matches(/^whsec_[A-Za-z0-9+/]+={0,2}$/) secret?: string;
}

/** `POST /api/webhooks/:name/resend`: where the event stands that is to be sent again. */
export class ResendBody {
  @IsString() @Matches(/^(in|topic:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/) stream!: string;
  @IsString() @Matches(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/) position!: string;
  @Optional() @IsInt() @Min(0) @Max(1023) partition?: number;
  /** Also where its topics and pattern leave the event out. */
  @Optional() @IsBoolean() unfiltered?: boolean;
}
