import type { Logger } from '@millrace/host';
import { PeriodicTask, topicStream, UNROUTED } from '@millrace/streams';
import type { GroupRegistration, RedisTransport } from '@millrace/streams/redis';
import type { OnModuleDestroy } from '@nestjs/common';

const LOOK_EVERY_MS = 1000;
const REGISTER_EVERY_MS = 10_000;

/** A sink, as it is registered. */
export type GroupIdentity = Omit<GroupRegistration, 'streams' | 'seenAt'>;

/**
 * The topics that a sink reads. With `*` it follows the topics that routes name, and `unrouted`, within a second. Says
 * every ten seconds that the group exists, so that its entries are kept for it.
 */
export class Topics implements OnModuleDestroy {
  private names: readonly string[];
  private registeredAt = Number.NEGATIVE_INFINITY;
  private readonly looking = new PeriodicTask(() => this.look(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.log.debug({ err: error.message }, 'cannot read topics from Redis; retrying'),
  });

  constructor(
    private readonly transport: RedisTransport,
    private readonly wanted: readonly string[],
    private readonly identity: GroupIdentity,
    private readonly log: Logger,
  ) {
    this.names = this.followsAll ? [UNROUTED] : wanted;
  }

  /** Names of the streams to read now. */
  readonly streams = (): string[] => this.names.map(topicStream);

  start(): void {
    this.looking.start();
  }

  onModuleDestroy(): void {
    void this.looking.stop();
  }

  private get followsAll(): boolean {
    return this.wanted.includes('*');
  }

  private async look(): Promise<void> {
    await this.register();
    if (this.followsAll) await this.follow();
  }

  private async register(): Promise<void> {
    if (performance.now() - this.registeredAt < REGISTER_EVERY_MS) return;
    const streams = this.followsAll ? ['topic:*'] : this.wanted.map(topicStream);
    await this.transport.registry.registerGroup({ ...this.identity, streams });
    this.registeredAt = performance.now();
  }

  private async follow(): Promise<void> {
    // A Redis that was emptied knows no topics until the router says them again; those that were known still are.
    const names = [...new Set([...this.names, ...(await this.transport.registry.topics()), UNROUTED])].sort();
    const added = names.filter((name) => !this.names.includes(name));
    if (added.length > 0) this.log.info({ topics: added }, `reading ${added.length} more topics`);
    this.names = names;
  }
}
