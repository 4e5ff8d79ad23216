import type { Replay } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import type { Standing } from '../jobs/job.js';
import { JobStore } from '../jobs/job-store.js';
import type { StoredReplay } from './replay.js';

/** The replays, and how far they came. All methods reject with `Unavailable`. */
@Injectable()
export class ReplayStore extends JobStore<StoredReplay> {
  constructor(
    @Inject(RedisTransport) transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {
    super(operations.jobs('replays'), transport.partitions, (id) => `replay:${id}`, 'cancelled');
  }

  async view({ order: { ends, ...replay }, state, error }: Standing<StoredReplay>): Promise<Replay> {
    const parts = await Promise.all(
      ends.map((_, partition) => this.operations.replayer.progress({ id: replay.id, group: replay.sink, partition })),
    );
    const looked = parts.reduce((sum, one) => sum + one.looked, 0);
    const sent = parts.reduce((sum, one) => sum + one.sent, 0);
    return { ...replay, state, looked, sent, error };
  }
}
