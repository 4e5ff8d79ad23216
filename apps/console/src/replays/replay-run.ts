import { againStream, type Delivery, type StreamName } from '@millrace/streams';
import type { RedisTransport, ReplayPart } from '@millrace/streams/redis';
import { passed } from '../passed.js';
import { type EventFilter, eventFilterOf } from '../topics/event-filter.js';
import { partitionsOf } from '../topics/partitions.js';
import type { Replay } from './replay.js';

/** A second's worth is handed over in so many steps. */
const STEPS_A_SECOND = 10;
const MOST_A_STEP = 500;
/** More than this is not put before a sink that does not keep up. */
const MOST_WAITING = 5000;
const LOOK_AGAIN_MS = 250;

/** Runs one replay from where it stands, partition by partition. */
export class ReplayRun {
  private readonly filter: EventFilter | undefined;

  constructor(
    private readonly transport: RedisTransport,
    private readonly replay: Replay,
    /** Asked before every step: false ends the run where it stands. */
    private readonly mayGoOn: () => Promise<boolean>,
    private readonly stop: AbortSignal,
  ) {
    this.filter = eventFilterOf({ pattern: replay.pattern ?? undefined });
  }

  /** True at the end, false where it was stopped before. Rejects with `Unavailable`. */
  async run(): Promise<boolean> {
    const { topic, ends } = this.replay;
    for (const stream of partitionsOf(topic, ends.length)) {
      const end = ends[stream.partition];
      if (end !== null && end !== undefined && !(await this.partition(stream, end))) return false;
    }
    return true;
  }

  private async partition(stream: StreamName, end: string): Promise<boolean> {
    const { id, sink, from, perSecond } = this.replay;
    const part: ReplayPart = { id, group: sink, partition: stream.partition };
    let { at } = await this.transport.replayer.progress(part);
    const size = Math.min(MOST_A_STEP, Math.max(1, Math.ceil(perSecond / STEPS_A_SECOND)));
    for (;;) {
      if (this.stop.aborted || !(await this.mayGoOn())) return false;
      if (await this.isFull(part)) {
        await passed(LOOK_AGAIN_MS, this.stop);
        continue;
      }
      const page = await this.transport.reader.range(stream, at === undefined ? from : `(${at}`, end, size);
      const last = page.at(-1);
      if (last === undefined) return true;
      const sent = await this.step(part, at, page);
      if (sent === undefined) return false;
      at = last.position;
      await passed((sent / perSecond) * 1000, this.stop);
    }
  }

  /** How many events were handed over; undefined where another process has gone on. */
  private async step(
    part: ReplayPart,
    from: string | undefined,
    page: readonly Delivery[],
  ): Promise<number | undefined> {
    const { filter } = this;
    const events = filter === undefined ? page : page.filter(filter);
    const to = (page.at(-1) as Delivery).position;
    const done = await this.transport.replayer.step(part, { from, to, looked: page.length, events });
    return done ? events.length : undefined;
  }

  private async isFull({ group, partition }: ReplayPart): Promise<boolean> {
    return (await this.transport.backlog({ name: againStream(group), partition }, group)) > MOST_WAITING;
  }
}
