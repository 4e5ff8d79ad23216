import type { ReplayOrder as SentOrder } from '@millrace/admin-api';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { readPoint } from '../contract/points.js';
import type { ReplayOrder } from './replay.js';

/** A replay as it is asked for, and whether to say only what it would do. */
export interface AskedReplay {
  readonly order: ReplayOrder;
  readonly dryRun: boolean;
}

/** The order of a body. Throws a 400 where an end of the range is none. */
@Injectable()
export class OrderOfBody implements PipeTransform<SentOrder, AskedReplay> {
  transform({ dryRun, from, to, pattern, unfiltered, ...sent }: SentOrder): AskedReplay {
    const range = { from: readPoint('from', from, '-', '/from'), to: readPoint('to', to, '+', '/to') };
    return { order: { ...sent, ...range, pattern: pattern ?? null, ...(unfiltered ? { unfiltered } : {}) }, dryRun };
  }
}
