import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { Observer } from './observer.js';

const NEWEST_LETTERS = 8;

/** Sends what is going on to all who watch: one look at Redis for all of them, none while nobody does. */
@Injectable()
export class Live implements OnModuleDestroy {
  private readonly watchers = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  /** Sends to the response until it is closed, beginning at once. */
  watch(response: ServerResponse): void {
    this.watchers.add(response);
    response.on('close', () => this.leave(response));
    this.timer ??= setInterval(() => void this.send(), this.config.LIVE_INTERVAL_MS);
    void this.send();
  }

  onModuleDestroy(): void {
    for (const response of this.watchers) response.end();
    clearInterval(this.timer);
  }

  private leave(response: ServerResponse): void {
    this.watchers.delete(response);
    if (this.watchers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async send(): Promise<void> {
    if (this.looking) return; // Redis is slow: the next look comes when this one is done.
    this.looking = true;
    const message = await this.message();
    this.looking = false;
    // Whoever does not read fast enough misses a message rather than filling our memory.
    for (const response of this.watchers) if (!response.writableNeedDrain) response.write(message);
  }

  private async message(): Promise<string> {
    try {
      const [snapshot, deadLetters] = await Promise.all([
        this.observer.look(),
        this.letters.newest({ from: '-', to: '+' }, NEWEST_LETTERS),
      ]);
      return `event: snapshot\ndata: ${JSON.stringify({ ...snapshot, deadLetters })}\n\n`;
    } catch (error) {
      return `event: trouble\ndata: ${JSON.stringify({ detail: (error as Error).message })}\n\n`;
    }
  }
}
