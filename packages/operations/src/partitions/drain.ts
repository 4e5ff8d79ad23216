import { againStream, INBOX, inEveryPartition, type StreamName, topicStream, UNROUTED } from '@millrace/streams';
import type { Connection, GroupRegistration, Keys, Registry, StreamState } from '@millrace/streams/redis';
import { type Answer, answered, askAll, type Query } from '@millrace/streams/redis/internal';
import type { Observations } from '../observe/observations.js';

/** A group that has something left, and where. */
export interface HeldUp {
  readonly group: string;
  /** Events that it has not settled, parked ones too. */
  readonly events: number;
  /** One of the streams that they are in. */
  readonly stream: StreamName;
}

/** What a look at a group found: something, or how far each of its streams was handed out. */
type Look =
  | { readonly held: HeldUp; readonly handedOut?: never }
  | { readonly held?: never; readonly handedOut: string };

const readsInbox = ({ streams }: GroupRegistration): boolean => streams.includes(INBOX);
const readsTopics = ({ streams }: GroupRegistration): boolean => streams.some((name) => name.startsWith('topic:'));
const isOrdered = (one: GroupRegistration): boolean => one.isOrdered === true && !readsInbox(one);

/** Each is fed by the one before. */
const STAGES: readonly ((group: GroupRegistration) => boolean)[] = [
  readsInbox,
  (one) => isOrdered(one) && readsTopics(one),
  (one) => isOrdered(one) && !readsTopics(one),
];

/** What has to be through before the number of partitions changes: the inbox, and what groups keep in order. */
export class Drain {
  constructor(
    private readonly redis: Connection,
    private readonly keys: Keys,
    private readonly registry: Registry,
    private readonly observations: Observations,
  ) {}

  /**
   * The groups that are not done with the first `partitions` partitions. Nothing new may come into these: what one group
   * is done with may be what the next one waits for, so they are asked one stage after the other. Rejects with
   * `Unavailable`.
   */
  async left(partitions: number): Promise<HeldUp[]> {
    for (const isOfStage of STAGES) {
      // Asked at each stage: the one before may have filled a topic, or the queue of a group, that was not there before.
      const [all, topics] = await Promise.all([this.registry.groups(), this.registry.topics()]);
      const names = [...new Set([...topics, UNROUTED])].map(topicStream);
      const held = await this.leftOfAll(all.filter(isOfStage), (one) => this.leftOf(one, names, partitions));
      if (held.length > 0) return held;
    }
    return [];
  }

  /**
   * A delivery that is moved between the answers of one look, from where it was parked to where it is tried again, is seen
   * in neither. In a second look it is there, or was handed out by then: so nothing is left where two looks find nothing,
   * and nothing was handed out between them.
   */
  private async leftOfAll(
    groups: readonly GroupRegistration[],
    look: (group: GroupRegistration) => Promise<Look>,
  ): Promise<HeldUp[]> {
    let before: readonly Look[] | undefined;
    for (;;) {
      const looks: readonly Look[] = await Promise.all(groups.map(look));
      const held = looks.flatMap((one) => one.held ?? []);
      if (held.length > 0 || groups.length === 0) return held;
      if (before !== undefined && looks.every(({ handedOut }, n) => handedOut === before?.[n]?.handedOut)) return [];
      before = looks;
    }
  }

  private async leftOf(
    { group, streams }: GroupRegistration,
    topics: readonly string[],
    partitions: number,
  ): Promise<Look> {
    const names = [...streams.flatMap((name) => (name === 'topic:*' ? topics : [name])), againStream(group)];
    const read = names.flatMap((name) => inEveryPartition(name, partitions));
    const parked = inEveryPartition(`parked:${group}`, partitions);
    const states = await this.observations.streams(read);
    // After the streams, never beside them: what comes out meanwhile shows in the next look.
    const waiting = await this.parked(parked);
    const counts = [...states.map((state) => unsettledBy(group, state)), ...waiting];
    const first = counts.findIndex((count) => count > 0);
    if (first < 0) return { handedOut: states.map((state) => handedOutTo(group, state)).join(' ') };
    const events = counts.reduce((sum, count) => sum + count, 0);
    return { held: { group, events, stream: [...read, ...parked][first] as StreamName } };
  }

  private async parked(sets: readonly StreamName[]): Promise<number[]> {
    const answers = await askAll(
      this.redis,
      sets.map((one): Query => ['ZCARD', this.keys.stream(one)]),
    );
    return answers.map((answer: Answer) => Number(answered(answer)));
  }
}

const handedOutTo = (group: string, { groups }: StreamState): string =>
  groups.find(({ name }) => name === group)?.lastDeliveredId ?? '';

/** A group that was not made yet begins at the start of the stream. */
const unsettledBy = (group: string, { groups, length }: StreamState): number => {
  const own = groups.find(({ name }) => name === group);
  return own === undefined ? length : own.lag + own.pending;
};
