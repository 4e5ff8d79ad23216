import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type Entry, eventsIn, readEntry } from '../../entry.js';
import type { Keys } from '../connection/keys.js';
import { byStream } from '../connection/stream-answer.js';
import { AnswerGuard } from './answer-guard.js';
import { Pacer } from './pacer.js';
import type { ReadBudget } from './read-budget.js';
import { ReadSize } from './read-size.js';

/** How long a read waits for something to come, in milliseconds: an idle consumer sends one command in that time. */
const BLOCK_MS = 5000;
/** The same on a server that cannot end a read that is blocked. */
const UNINTERRUPTED_BLOCK_MS = 1000;
/** How soon a change of the streams to read is noticed. */
const LOOK_EVERY_MS = 250;

/** Who reads, and what. */
export interface Reading {
  readonly group: string;
  readonly consumer: string;
  readonly partition: number;
  readonly budget: ReadBudget;
  /** Streams to read, by name. A read that is blocked ends when they change. */
  readonly streams: () => readonly string[];
  /** Whether the group may not read. A read that is blocked ends when that is so. */
  readonly isPaused: () => boolean;
}

/** Reads new entries for a consumer, on a connection of its own because the read blocks it. */
export class Fetcher {
  private clientId: Promise<number> | undefined;
  private readonly longestMs: Promise<number>;
  private readonly pacer = new Pacer();
  private readonly size: ReadSize;
  private readonly guard: AnswerGuard;
  private lost = false;

  constructor(
    private readonly blocking: Redis,
    private readonly commands: Redis,
    private readonly keys: Keys,
    private readonly reading: Reading,
  ) {
    this.size = new ReadSize(() => reading.budget.bytes / 4);
    this.guard = new AnswerGuard(blocking);
    blocking.on('close', () => {
      this.lost = true;
    });
    // Another connection has another id.
    blocking.on('ready', () => {
      this.clientId = blocking.client('ID');
      this.clientId.catch(() => undefined); // `interrupt` handles it.
    });
    this.longestMs = commands.client('UNBLOCK', 0).then(
      () => BLOCK_MS,
      () => UNINTERRUPTED_BLOCK_MS,
    );
  }

  /**
   * About `limit` events of each stream; waits for the first up to `waitMs`, and never longer than five seconds. Under
   * load it lets some gather first. `behind` is called when the read is sent: what it sends on the same connection is done
   * right behind the read, with nothing of others in between. An answer that has more bytes than there is room for is
   * dropped: then nothing is given, and `hasLost` says so.
   */
  async fetch(streams: readonly string[], limit: number, waitMs: number, behind?: () => void): Promise<Entry[]> {
    if (waitMs > 0) await this.gather(limit);
    const blockMs = waitMs > 0 ? Math.min(await this.longestMs, Math.max(1, Math.round(waitMs))) : 0;
    const { streams: wanted, isPaused } = this.reading;
    const isCurrent = sameAs(wanted());
    const watching =
      blockMs > LOOK_EVERY_MS
        ? setInterval(() => (isCurrent(wanted()) && !isPaused()) || void this.interrupt(), LOOK_EVERY_MS)
        : undefined;
    try {
      const entries = await this.read(streams, this.entriesFor(limit), blockMs, behind);
      if (entries === undefined) {
        this.size.overflow();
        return [];
      }
      this.pacer.read(eventsIn(entries), performance.now());
      this.size.read(entries);
      return entries;
    } finally {
      clearInterval(watching);
    }
  }

  /**
   * Whether an answer was lost since this was asked last: with its connection, or as it was too large. What Redis handed out
   * with it is pending for the consumer, which knows nothing of it.
   */
  hasLost(): boolean {
    const { lost } = this;
    this.lost = false;
    return lost;
  }

  /** How many entries hold about `limit` events, as far as the last read tells. */
  entriesFor(limit: number): number {
    return this.size.entriesFor(limit);
  }

  /** Ends a read that is blocked. Where the server cannot do that, the read ends by itself within a second. */
  async interrupt(): Promise<void> {
    try {
      const id = await this.clientId;
      if (id !== undefined) await this.commands.client('UNBLOCK', id);
    } catch {
      // The read ends by itself.
    }
  }

  private async gather(limit: number): Promise<void> {
    const ms = this.pacer.delayMs(limit, performance.now());
    if (ms > 0) await pause(ms);
  }

  private async read(
    streams: readonly string[],
    count: number,
    blockMs: number,
    behind?: () => void,
  ): Promise<Entry[] | undefined> {
    const { group, consumer, partition, budget } = this.reading;
    const names = new Map(streams.map((name) => [this.keys.stream({ name, partition }), name]));
    const answer = await this.guard.within(2 * budget.bytes, () => {
      const answering = this.blocking.call(
        'XREADGROUP',
        ...['GROUP', group, consumer, 'COUNT', count],
        ...(blockMs > 0 ? ['BLOCK', blockMs] : []),
        'STREAMS',
        ...names.keys(),
        ...streams.map(() => '>'),
      );
      behind?.();
      return answering;
    });
    if (answer === undefined) return undefined;
    return byStream(answer).flatMap(([key, rows]) =>
      rows.map(([id, fields]) => readEntry(names.get(key) as string, partition, id, fields ?? [], 1)),
    );
  }
}

const sameAs = (before: readonly string[]) => (now: readonly string[]) =>
  now.length === before.length && now.every((name, i) => name === before[i]);
