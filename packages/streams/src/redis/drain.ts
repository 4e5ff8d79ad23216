import type { StreamName } from '../contract.js';
import { againStream, INBOX, inEveryPartition, topicStream, UNROUTED } from '../names.js';
import { type Answer, answered, askAll, type Query } from './ask-all.js';
import type { Connection } from './connection.js';
import type { Functions } from './functions.js';
import { inspect, type StreamState } from './inspect.js';
import type { Keys } from './keys.js';
import type { GroupRegistration, Registry } from './registry.js';

/** A group that has something left, and where. */
export interface HeldUp {
  readonly group: string;
  /** Events that it has not settled, parked ones too. */
  readonly events: number;
  /** One of the streams that they are in. */
  readonly stream: StreamName;
}

/** What has to be through before the number of partitions changes: the inbox, and what groups keep in order. */
export class Drain {
  constructor(
    private readonly redis: Connection,
    private readonly functions: Functions,
    private readonly keys: Keys,
    private readonly registry: Registry,
  ) {}

  /**
   * The groups that are not done with the first `partitions` partitions. Nothing new may come into these: what one group
   * is done with may be what the next one waits for, so they are asked one stage after the other. Rejects with
   * `Unavailable`.
   */
  async left(partitions: number): Promise<HeldUp[]> {
    const [all, topics] = await Promise.all([this.registry.groups(), this.registry.topics()]);
    const names = [...new Set([...topics, UNROUTED])].map(topicStream);
    const readsInbox = ({ streams }: GroupRegistration) => streams.includes(INBOX);
    const readsTopics = ({ streams }: GroupRegistration) => streams.some((name) => name.startsWith('topic:'));
    const ordered = all.filter((one) => one.isOrdered && !readsInbox(one));
    const stages = [all.filter(readsInbox), ordered.filter(readsTopics), ordered.filter((one) => !readsTopics(one))];
    for (const stage of stages) {
      const left = await Promise.all(stage.map((one) => this.leftOf(one, names, partitions)));
      const held = left.filter((one) => one !== undefined);
      if (held.length > 0) return held;
    }
    return [];
  }

  private async leftOf(
    { group, streams }: GroupRegistration,
    topics: readonly string[],
    partitions: number,
  ): Promise<HeldUp | undefined> {
    const names = [...streams.flatMap((name) => (name === 'topic:*' ? topics : [name])), againStream(group)];
    const read = names.flatMap((name) => inEveryPartition(name, partitions));
    const parked = inEveryPartition(`parked:${group}`, partitions);
    const [states, waiting] = await Promise.all([
      inspect({ redis: this.redis, functions: this.functions, keys: this.keys }, read),
      this.parked(parked),
    ]);
    const counts = [...states.map((state) => unsettledBy(group, state)), ...waiting];
    const first = counts.findIndex((count) => count > 0);
    if (first < 0) return undefined;
    const events = counts.reduce((sum, count) => sum + count, 0);
    return { group, events, stream: [...read, ...parked][first] as StreamName };
  }

  private async parked(sets: readonly StreamName[]): Promise<number[]> {
    const answers = await askAll(
      this.redis,
      sets.map((one): Query => ['ZCARD', this.keys.stream(one)]),
    );
    return answers.map((answer: Answer) => Number(answered(answer)));
  }
}

/** A group that was not made yet begins at the start of the stream. */
const unsettledBy = (group: string, { groups, length }: StreamState): number => {
  const own = groups.find(({ name }) => name === group);
  return own === undefined ? length : own.lag + own.pending;
};
