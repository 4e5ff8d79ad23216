import type { Logger } from '@millrace/host';
import type { Operations } from '@millrace/operations';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

const FIRST_MS = 30_000;
const EVERY_MS = 600_000;

/**
 * Looks at the groups every ten minutes: tells what does not move, and tidies up after consumers that are gone and older
 * versions of the Function library.
 */
export class Upkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly operations: Operations,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.next(FIRST_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.underWay;
  }

  /** Does it once. Rejects with `Unavailable`. */
  async tidy(): Promise<void> {
    const { consumers, libraries } = await this.operations.doctor.tidy(await this.operations.readStreams());
    for (const { stream, group, consumer, pending } of consumers) {
      this.log.info(
        { stream: stream.name, group, consumer, pending },
        'removed a consumer that is gone; its pending deliveries are reassigned',
      );
    }
    if (libraries.length > 0) this.log.info({ libraries }, 'removed Function libraries of other versions');
  }

  private next(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.underWay = this.tidy()
        .catch((error: Error) => this.log.debug({ err: error.message }, 'cannot clean up; retrying'))
        .then(() => this.next(EVERY_MS));
    }, ms);
    this.timer.unref();
  }
}
