import type { ServerResponse } from 'node:http';
import type { Trouble } from '@millrace/admin-api';
import { LOGGER, type Logger } from '@millrace/host';
import { PeriodicTask } from '@millrace/streams';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventStream } from '../answers/event-stream.js';
import { ConsoleConfig } from '../console-config.js';
import { DeadLetterFinder } from '../dead-letters/dead-letter-finder.js';
import { Redrives } from '../dead-letters/redrives.js';
import { Observer } from '../observation/observer.js';
import { Replays } from '../replays/replays.js';

const NEWEST_LETTERS = 8;

/** Sends what is going on to all who watch: one look at Redis for all of them, none while nobody does. */
@Injectable()
export class Live implements OnModuleDestroy {
  private readonly watchers = new Set<EventStream>();
  private sending: PeriodicTask | undefined;

  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(DeadLetterFinder) private readonly letters: DeadLetterFinder,
    @Inject(Redrives) private readonly redrives: Redrives,
    @Inject(Replays) private readonly replays: Replays,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Sends to the response until it is closed, beginning at once. */
  watch(response: ServerResponse): void {
    const watcher = new EventStream(response);
    if (watcher.closed.aborted) return;
    this.watchers.add(watcher);
    watcher.closed.addEventListener('abort', () => this.leave(watcher));
    this.sending ??= new PeriodicTask(() => this.send(), {
      everyMs: this.config.LIVE_INTERVAL_MS,
      onError: (error) => this.log.error({ err: error }, 'cannot send the state of the pipeline; retrying'),
    });
    this.sending.start();
  }

  onModuleDestroy(): void {
    for (const watcher of this.watchers) watcher.end();
    void this.sending?.stop();
  }

  private leave(watcher: EventStream): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    void this.sending?.stop();
    this.sending = undefined;
  }

  private async send(): Promise<void> {
    const [event, data] = await this.message();
    for (const watcher of this.watchers) watcher.send(event, data);
  }

  private async message(): Promise<[event: string, data: unknown]> {
    try {
      const [snapshot, { deadLetters }, replays] = await Promise.all([
        this.observer.look(),
        this.letters.newest({ from: '-', to: '+' }, NEWEST_LETTERS),
        this.replays.running(),
      ]);
      return ['snapshot', { ...snapshot, deadLetters, redrives: await this.redrives.running(), replays }];
    } catch (error) {
      return ['trouble', { detail: (error as Error).message } satisfies Trouble];
    }
  }
}
