import { isDeepStrictEqual } from 'node:util';
import type { TraceOrder, TraceSetting } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Inject, Injectable } from '@nestjs/common';

/** How much of the ways of events is recorded. All methods reject with `Unavailable`. */
@Injectable()
export class Sampling {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  now(): Promise<TraceSetting> {
    return this.operations.settings.trace();
  }

  async set({ sample, seconds }: TraceOrder, who: string): Promise<TraceSetting> {
    const setting = { sample, until: seconds === undefined ? null : Date.now() + seconds * 1000 };
    if (isDeepStrictEqual(setting, await this.now())) return setting;
    await this.operations.settings.setTrace(setting);
    await this.operations.audit.add(who, 'set trace', setting);
    return setting;
  }
}
