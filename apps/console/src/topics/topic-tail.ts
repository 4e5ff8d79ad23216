import type { ServerResponse } from 'node:http';
import type { Dropped, Trouble } from '@millrace/admin-api';
import { Pace } from '@millrace/host';
import { StepLimitError } from '@millrace/patterns';
import { type Delivery, servePartitions } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Effort } from '../answers/effort.js';
import { EventStream } from '../answers/event-stream.js';
import type { EventFilter } from './event-filter.js';
import { streamOf } from './partitions.js';
import { charactersOf, toStored } from './stored-event.js';

/** Most events that are sent a second; of the rest only the number is. */
const MOST_A_SECOND = 200;
/** Most steps that the pattern of one watcher takes a second; what comes beyond is not looked at, and counted. */
const MOST_STEPS_A_SECOND = 2_000_000;
/** Most characters that are sent a second, of all watchers together and to one; one event in any case. */
const MOST_CHARACTERS_A_SECOND = 16 * 1024 * 1024;
const MOST_CHARACTERS_TO_ONE = 2 * 1024 * 1024;
/** Each has a connection to Redis for each partition. */
const MOST_WATCHERS = 100;

/** Sends the events of topics as they come. */
@Injectable()
export class TopicTail implements OnModuleDestroy {
  private readonly closing = new AbortController();
  private watchers = 0;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  onModuleDestroy(): void {
    this.closing.abort();
  }

  /** Whether there are as many that follow as may. */
  get isFull(): boolean {
    return this.watchers >= MOST_WATCHERS;
  }

  /**
   * Sends `event` for each that comes from now on, and `dropped` for those beyond 200 or 2 MiB a second or beyond what a pattern may
   * cost, until it is closed.
   */
  watch(topic: string, filter: EventFilter | undefined, response: ServerResponse): void {
    const stream = new EventStream(response);
    if (stream.closed.aborted) return;
    this.watchers += 1;
    const stop = AbortSignal.any([stream.closed, this.closing.signal]);
    const flow = new Flow(stream, filter, () =>
      Math.min(MOST_CHARACTERS_TO_ONE, MOST_CHARACTERS_A_SECOND / Math.max(1, this.watchers)),
    );
    const second = setInterval(() => flow.nextSecond(), 1000);
    const { partitions, reader } = this.transport;
    const { count } = partitions;
    const follow = async (partition: number): Promise<void> => {
      // Of one that there is since, all is to come.
      const after = partition < count ? '$' : '0-0';
      const pace = new Pace();
      for await (const delivery of reader.tail({ name: streamOf(topic), partition }, after, stop)) {
        await flow.offer(delivery, pace);
        if (pace.isDue) await pace.rest();
      }
    };
    void servePartitions(partitions, follow, stop)
      .catch((error: Error) => stream.send('trouble', { detail: error.message } satisfies Trouble))
      .finally(() => {
        this.watchers -= 1;
        clearInterval(second);
        stream.end();
      });
  }
}

class Flow {
  private sent = 0;
  private characters = 0;
  private dropped = 0;

  private effort = new Effort(MOST_STEPS_A_SECOND);

  constructor(
    private readonly stream: EventStream,
    private readonly filter: EventFilter | undefined,
    private readonly mostCharacters: () => number,
  ) {}

  async offer(delivery: Delivery, pace: Pace): Promise<void> {
    try {
      if (this.effort.isSpent) this.dropped += 1;
      else if (this.filter === undefined || (await this.filter(delivery, pace, this.effort))) this.send(delivery);
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      this.dropped += 1;
    }
  }

  private send(delivery: Delivery): void {
    if (this.hasRoomFor(charactersOf(delivery)) && this.stream.send('event', toStored(delivery))) {
      this.sent += 1;
      this.characters += charactersOf(delivery);
    } else this.dropped += 1;
  }

  private hasRoomFor(characters: number): boolean {
    return this.sent === 0 || (this.sent < MOST_A_SECOND && this.characters + characters <= this.mostCharacters());
  }

  nextSecond(): void {
    if (this.dropped > 0 && this.stream.send('dropped', { dropped: this.dropped } satisfies Dropped)) this.dropped = 0;
    this.sent = 0;
    this.effort = new Effort(MOST_STEPS_A_SECOND);
    this.characters = 0;
  }
}
