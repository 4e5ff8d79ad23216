import type { Logger } from '@millrace/host';
import type { Operations } from '@millrace/operations';
import { PeriodicTask } from '@millrace/streams';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

const FIRST_MS = 30_000;
const EVERY_MS = 600_000;

/**
 * Looks at the groups every ten minutes: tells what does not move, and tidies up after consumers that are gone and older
 * versions of the Function library.
 */
export class Upkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task = new PeriodicTask(() => this.tidy(), {
    everyMs: EVERY_MS,
    onError: (error) => this.log.debug({ err: error.message }, 'cannot clean up; retrying'),
    unref: true,
  });

  constructor(
    private readonly operations: Operations,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start(FIRST_MS);
  }

  onModuleDestroy(): void {
    void this.task.stop();
  }

  /** Does it once. Rejects with `Unavailable`. */
  async tidy(): Promise<void> {
    const { consumers, libraries } = await this.operations.doctor.tidy(await this.operations.readStreams());
    for (const { stream, group, consumer, pending } of consumers) {
      this.log.info(
        { stream: stream.name, group, consumer, pending },
        'removed a consumer without heartbeat; its pending deliveries are reassigned',
      );
    }
    if (libraries.length > 0) this.log.info({ libraries }, 'removed Function libraries of other versions');
  }
}
