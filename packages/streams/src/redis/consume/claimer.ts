import { type Entry, readEntry } from '../../entry.js';
import { deadStream } from '../../names.js';
import { monotonicMs } from '../../time/interval.js';
import type { Keys } from '../connection/keys.js';
import type { Rows } from '../connection/stream-answer.js';
import type { Functions } from '../functions/functions.js';

const DISOWNED_AT_ONCE = 500;

/** Takes over what dead or stalled consumers of the group left unsettled. */
export class Claimer {
  private nextAt = 0;

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly who: {
      readonly group: string;
      readonly consumer: string;
      readonly hop: string;
      readonly partition: number;
      readonly claimAfterMs: number;
    },
  ) {}

  /** Whether it is time to look. Twice in `claimAfterMs`, so that nothing waits for more than one and a half of it. */
  get isDue(): boolean {
    return this.dueInMs <= 0;
  }

  /** How long until then, in milliseconds. */
  get dueInMs(): number {
    return this.nextAt - monotonicMs();
  }

  /**
   * Hands over what is pending for this consumer itself, which has nothing in flight: what it was handed in an answer that it
   * never got. It is there to be claimed at once, uncounted.
   */
  async disown(streams: readonly string[]): Promise<void> {
    const { group, consumer, partition, claimAfterMs } = this.who;
    const keys = streams.map((name) => this.keys.stream({ name, partition }));
    const args = [group, consumer, Math.ceil(claimAfterMs), DISOWNED_AT_ONCE];
    while ((await this.functions.call('disown', keys, args)) === DISOWNED_AT_ONCE);
    this.nextAt = 0;
  }

  /** At most `limit` entries; fewer, or one alone, where an entry may be what killed its consumers. */
  async claim(streams: readonly string[], limit: number): Promise<Entry[]> {
    const { group, consumer, hop, partition, claimAfterMs } = this.who;
    const key = (name: string) => this.keys.stream({ name, partition });
    const answer = (await this.functions.call(
      'claim',
      [key(deadStream(group)), ...streams.map(key)],
      [group, consumer, Math.ceil(claimAfterMs), limit, hop],
    )) as [Rows, number[]][];
    const entries = answer.flatMap(([rows, counts], s) =>
      rows.map(([id, fields], n) => readEntry(streams[s] as string, partition, id, fields ?? [], counts[n] as number)),
    );
    if (entries.length === 0) this.nextAt = monotonicMs() + (claimAfterMs / 2) * (0.9 + 0.1 * Math.random());
    return entries;
  }
}
