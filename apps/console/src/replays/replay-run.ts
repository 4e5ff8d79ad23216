import { Pace } from '@millrace/host';
import type { Operations, ReplayPart } from '@millrace/operations';
import { StepLimitError } from '@millrace/patterns';
import { againStream, type Delivery, pause, type StreamName } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import type { Turn } from '../jobs/job-runner.js';
import { MOST_A_STEP, stepOf, stepSize } from '../jobs/step.js';
import type { EventFilter } from '../topics/event-filter.js';
import { partitionsOf } from '../topics/partitions.js';
import type { StoredReplay } from './replay.js';

/** More than this is not put before a sink that does not keep up. */
const MOST_WAITING = 5000;
const LOOK_AGAIN_MS = 250;

const bytesOf = ({ event }: Delivery): number => Buffer.byteLength(event.json);

/** Runs one replay from where it stands, partition by partition. */
export class ReplayRun {
  constructor(
    private readonly transport: RedisTransport,
    private readonly operations: Operations,
    private readonly replay: StoredReplay,
    /** Which of the events are meant; undefined: all. */
    private readonly filter: EventFilter | undefined,
    private readonly turn: Turn,
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
    let { at } = await this.operations.replayer.progress(part);
    const { mayGoOn, stop } = this.turn;
    const size = stepSize(perSecond);
    // What a filter leaves out need not wait for the rate.
    const pageSize = this.filter === undefined ? size : MOST_A_STEP;
    let meant: ReadonlySet<Delivery> = new Set();
    for (let page: readonly Delivery[] = []; ; ) {
      if (stop.aborted || !(await mayGoOn())) return false;
      // What is handed to a group that nobody runs any more would be kept for ever.
      if (!(await this.transport.registry.has(sink))) throw new Error(`The sink "${sink}" was forgotten`);
      if (await this.isFull(part)) {
        await pause(LOOK_AGAIN_MS, stop);
        continue;
      }
      if (page.length === 0) {
        page = await this.transport.reader.range(stream, at === undefined ? from : `(${at}`, end, pageSize);
        meant = await this.meantOf(page);
      }
      const { looked, meant: events } = stepOf(page, size, (one) => meant.has(one), bytesOf);
      const to = page[looked - 1]?.position;
      if (to === undefined) return true;
      if (!(await this.operations.replayer.step(part, { from: at, to, looked, events }))) return false;
      at = to;
      page = page.slice(looked);
      await pause((events.length / perSecond) * 1000, stop);
    }
  }

  /** What of a page is meant. Rejects where that cannot be told: an event that is left out in silence would be missed. */
  private async meantOf(page: readonly Delivery[]): Promise<ReadonlySet<Delivery>> {
    const { filter } = this;
    if (filter === undefined) return new Set(page);
    const meant = new Set<Delivery>();
    const pace = new Pace();
    for (const one of page) {
      if (await isMeant(filter, one, pace)) meant.add(one);
      if (pace.isDue) await pace.rest();
    }
    return meant;
  }

  private async isFull({ group, partition }: ReplayPart): Promise<boolean> {
    return (await this.transport.streams.backlog({ name: againStream(group), partition }, group)) > MOST_WAITING;
  }
}

const isMeant = async (filter: EventFilter, delivery: Delivery, pace: Pace): Promise<boolean> => {
  try {
    return await filter(delivery, pace);
  } catch (error) {
    if (!(error instanceof StepLimitError)) throw error;
    const { partition, position } = delivery;
    const after = 'give a range without it, or another pattern';
    throw new Error(`The event ${position} of partition ${partition}: ${error.message}; ${after}`, { cause: error });
  }
};
