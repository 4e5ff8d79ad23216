import type { Logger, Metrics } from '@millrace/host';
import type { GroupPart, Operations } from '@millrace/operations';
import { deadStream, PeriodicTask } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { forcedCounter } from './forced-counter.js';
import type { RouterConfig } from './router-config.js';

const EVERY_MS = 30_000;

/**
 * Bounds what the groups leave, every thirty seconds: the oldest dead letters go, on record as every forced loss is, and what
 * is too much to be tried again becomes dead letters. Any number of routers may do it at once.
 */
export class LeftoverRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly forced;
  private readonly task = new PeriodicTask(() => this.trim(), {
    everyMs: EVERY_MS,
    onError: (error) => this.log.debug({ err: error.message }, 'cannot trim dead letters; retrying'),
  });

  constructor(
    private readonly config: RouterConfig,
    private readonly transport: RedisTransport,
    private readonly operations: Operations,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.forced = forcedCounter(metrics);
  }

  onApplicationBootstrap(): void {
    this.task.start(EVERY_MS);
  }

  onModuleDestroy(): void {
    void this.task.stop();
  }

  /** Bounds everything once. Rejects with `Unavailable` where something could not be bounded; the rest is. */
  async trim(): Promise<void> {
    const groups = await this.transport.registry.groups();
    let failure: unknown;
    for (const { group, hop } of groups) {
      for (let partition = 0; partition < this.transport.partitions.count; partition += 1) {
        await this.bound({ group, hop, partition }).catch((error: unknown) => {
          failure = error;
        });
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** First what becomes dead letters, then these. */
  private async bound(part: GroupPart): Promise<void> {
    const { config, transport, operations, log } = this;
    const { group, partition } = part;
    const share = (bytes: number) => Math.ceil(bytes / transport.partitions.count);
    const retries = await operations.leftovers.giveUpRetries(part, {
      maxLength: config.RETRY_QUEUE_MAX_LENGTH,
      maxBytes: share(config.RETRY_QUEUE_MAX_BYTES),
      maxAgeMs: 0,
    });
    if (retries > 0)
      log.error(
        { group, partition, count: retries },
        'deliveries scheduled for retry over their limit: dead-lettered the oldest',
      );
    const dead = await operations.leftovers.shortenDead(part, {
      maxLength: config.DEAD_LETTERS_MAX_LENGTH,
      maxBytes: share(config.DEAD_LETTERS_MAX_BYTES),
      maxAgeMs: config.DEAD_LETTERS_MAX_AGE,
    });
    if (dead === undefined) return;
    this.forced.inc({ topic: deadStream(group), group }, dead.count);
    log.error({ group, partition, ...dead }, 'dead letters over their limit: deleted the oldest');
  }
}
