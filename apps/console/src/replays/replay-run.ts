import { againStream, type Delivery, type StreamName } from '@millrace/streams';
import type { RedisTransport, ReplayPart } from '@millrace/streams/redis';
import { passed } from '../passed.js';
import type { EventFilter } from '../topics/event-filter.js';
import { partitionsOf } from '../topics/partitions.js';
import type { Replay } from './replay.js';

/** A second's worth is handed over in so many steps. */
const STEPS_A_SECOND = 10;
const MOST_A_STEP = 500;
const MOST_BYTES_A_STEP = 1024 * 1024;
/** More than this is not put before a sink that does not keep up. */
const MOST_WAITING = 5000;
const LOOK_AGAIN_MS = 250;

/** Runs one replay from where it stands, partition by partition. */
export class ReplayRun {
  constructor(
    private readonly transport: RedisTransport,
    private readonly replay: Replay,
    /** Which of the events are meant; undefined: all. */
    private readonly filter: EventFilter | undefined,
    /** Asked before every step: false ends the run where it stands. */
    private readonly mayGoOn: () => Promise<boolean>,
    private readonly stop: AbortSignal,
  ) {}

  /** True at the end, false where it was stopped before. Rejects with `Unavailable`, and where the sink was forgotten. */
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
    // What a filter leaves out need not wait for the rate.
    const pageSize = this.filter === undefined ? size : MOST_A_STEP;
    for (let page: readonly Delivery[] = []; ; ) {
      if (this.stop.aborted || !(await this.mayGoOn())) return false;
      // What is handed to a group that nobody runs any more would be kept for ever.
      if (!(await this.transport.registry.has(sink))) throw new Error(`The sink "${sink}" was forgotten`);
      if (await this.isFull(part)) {
        await passed(LOOK_AGAIN_MS, this.stop);
        continue;
      }
      if (page.length === 0) {
        page = await this.transport.reader.range(stream, at === undefined ? from : `(${at}`, end, pageSize);
      }
      const { looked, events } = this.next(page, size);
      const to = page[looked - 1]?.position;
      if (to === undefined) return true;
      if (!(await this.transport.replayer.step(part, { from: at, to, looked, events }))) return false;
      at = to;
      page = page.slice(looked);
      await passed((events.length / perSecond) * 1000, this.stop);
    }
  }

  /** What of a page is one step: so many events that are meant, of so many bytes together, and what is not meant before. */
  private next(page: readonly Delivery[], most: number): { looked: number; events: Delivery[] } {
    const events: Delivery[] = [];
    let bytes = 0;
    for (const [looked, one] of page.entries()) {
      if (this.filter !== undefined && !this.filter(one)) continue;
      bytes += Buffer.byteLength(one.event.json);
      if (events.length === most || (events.length > 0 && bytes > MOST_BYTES_A_STEP)) return { looked, events };
      events.push(one);
    }
    return { looked: page.length, events };
  }

  private async isFull({ group, partition }: ReplayPart): Promise<boolean> {
    return (await this.transport.backlog({ name: againStream(group), partition }, group)) > MOST_WAITING;
  }
}
