import { eventDigest } from '@millrace/events';
import { type BatchHistogram, labelOf, type Metrics } from '@millrace/host';
import type { Delivery, Position } from '@millrace/streams';

/** Of each label at most so often, so that it costs nothing an event. */
const EVERY_MS = 1000;
/** Seconds; what was parked takes the longer ones. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Knows where the event of a digest came in, as far as the deduplication window reaches. */
interface Inbox {
  seen(partition: number, digest: string): Promise<Position | undefined>;
}

/**
 * Samples how long events take from the gateway to their delivery. A topic's entry does not say when its event came in:
 * it has an id of its own, and `time` is the client's clock. The deduplication window does, for it has the id that each
 * event got in the inbox, which begins with Redis's milliseconds: one question a second for each topic.
 */
export class EndToEnd {
  private readonly seconds: BatchHistogram<'hop' | 'topic'>;
  private readonly askedAt = new Map<string, number>();

  constructor(
    private readonly hop: string,
    private readonly inbox: Inbox,
    metrics: Metrics,
  ) {
    this.seconds = metrics.batchHistogram(
      'millrace_end_to_end_seconds',
      'Time from the gateway to delivery, of one sampled event a second for each topic',
      ['hop', 'topic'],
      BOUNDS,
    );
  }

  /** Looks at one of those that were delivered now, if it is time to. */
  report(delivered: readonly Delivery[], label?: string): void {
    // Any of them, and with it its topic: not always the first, which waited longest for the others.
    const one = delivered[Math.floor(Math.random() * delivered.length)];
    if (one !== undefined) void this.sample(one, label ?? labelOf(one));
  }

  /** Looks at an event that was delivered now, if it is time to. Resolves when it is counted; never rejects. */
  async sample(delivery: Delivery, topic: string): Promise<void> {
    const now = performance.now();
    if (now - (this.askedAt.get(topic) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    this.askedAt.set(topic, now);
    const digest = digestOf(delivery);
    const position = digest && (await this.inbox.seen(delivery.partition, digest).catch(() => undefined));
    if (!position) return; // It did not come by the gateway, or longer ago than the window reaches.
    this.seconds.observe({ hop: this.hop, topic }, Math.max(0, Date.now() - Number.parseInt(position, 10)) / 1000);
  }
}

const digestOf = ({ event: { json } }: Delivery): string | undefined => {
  try {
    const { source, id } = JSON.parse(json) as Record<string, unknown>;
    return typeof source === 'string' && typeof id === 'string' ? eventDigest(source, id) : undefined;
  } catch {
    return undefined; // A sink that takes texts may have delivered what is no event.
  }
};
