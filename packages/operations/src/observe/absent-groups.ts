import { againStream, deadStream, inEveryPartition, type StreamName, topicStream, UNROUTED } from '@millrace/streams';
import type { Connection, Finding, GroupRegistration, Keys, Registry } from '@millrace/streams/redis';
import { answeredOr, askAll, keyBytes, type Query } from '@millrace/streams/redis/internal';
import type { Observations } from './observations.js';

/** A registered group that nobody has run for a while, and what is kept for it. */
export interface AbsentGroup {
  readonly group: string;
  readonly hop: string;
  /** Unix milliseconds of its last heartbeat. */
  readonly seenAt: number;
  /** Events that it has not settled, scheduled retries and dead letters among them. */
  readonly events: number;
  /** About how many bytes of Redis they take; streams that others read count by its share of their events. */
  readonly bytes: number;
}

interface Held {
  readonly events: number;
  readonly bytes: number;
}

/** Finds groups that hold memory and are gone: one whose `GROUP` was renamed is never run again. */
export class AbsentGroups {
  constructor(
    private readonly redis: Connection,
    private readonly keys: Keys,
    private readonly registry: Registry,
    private readonly observations: Observations,
    private readonly partitions: () => number,
  ) {}

  /** Those that were not seen for so long. Rejects with `Unavailable`. */
  async all(unseenMs: number, now = Date.now()): Promise<AbsentGroup[]> {
    const [groups, topics] = await Promise.all([this.registry.groups(), this.registry.topics()]);
    const absent = groups.filter(({ seenAt }) => now - seenAt >= unseenMs);
    const names = [...new Set([...topics, UNROUTED])].map(topicStream);
    return Promise.all(absent.map((one) => this.absent(one, names)));
  }

  private async absent(one: GroupRegistration, topics: readonly string[]): Promise<AbsentGroup> {
    const { group, hop, seenAt } = one;
    const read = one.streams.flatMap((name) => (name === 'topic:*' ? topics : [name]));
    const [unread, own] = await Promise.all([
      this.unread(
        group,
        [...read, againStream(group)].flatMap((name) => this.everywhere(name)),
      ),
      this.own(group),
    ]);
    return { group, hop, seenAt, events: unread.events + own.events, bytes: unread.bytes + own.bytes };
  }

  private async unread(group: string, streams: readonly StreamName[]): Promise<Held> {
    const [states, sizes] = await Promise.all([this.observations.streams(streams), this.observations.bytes(streams)]);
    let [events, bytes] = [0, 0];
    for (const [i, { length, groups }] of states.entries()) {
      const found = groups.find(({ name }) => name === group);
      const left = found === undefined ? length : Math.min(length, found.lag + found.pending);
      events += left;
      if (length > 0) bytes += ((sizes[i] ?? 0) * left) / length;
    }
    return { events, bytes: Math.round(bytes) };
  }

  /** Dead letters and what is scheduled for retry. */
  private async own(group: string): Promise<Held> {
    const dead = this.everywhere(deadStream(group)).map((stream) => this.keys.stream(stream));
    const parked = dead.map((_, partition) => this.keys.parked(group, partition));
    const payloads = dead.map((_, partition) => this.keys.payloads(group, partition));
    const lengths = await askAll(this.redis, [
      ...dead.map((key): Query => ['XLEN', key]),
      ...parked.map((key): Query => ['ZCARD', key]),
    ]);
    const sizes = await keyBytes(this.redis, [...dead, ...parked, ...payloads], SAMPLES);
    return {
      events: lengths.reduce((sum, length) => sum + Number(answeredOr(length, 0)), 0),
      bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    };
  }

  private everywhere(name: string): StreamName[] {
    return inEveryPartition(name, this.partitions());
  }
}

const SAMPLES = 1000;
const MIB = 1024 * 1024;

/** What the doctor says of one: a warning where it holds anything. */
export const absentFinding = ({ group, hop, seenAt, events, bytes }: AbsentGroup): Finding => {
  const service = group === hop ? '' : ` (${hop})`;
  const unseen = `the group ${group}${service} had its last heartbeat at ${new Date(seenAt).toISOString()}`;
  return {
    check: 'group',
    verdict: events > 0 ? 'warning' : 'ok',
    detail:
      events > 0
        ? `${unseen} and holds ${events} events, about ${(bytes / MIB).toFixed(1)} MiB; start it, or discard them: millrace sinks forget ${group}`
        : `${unseen} and holds nothing; millrace sinks forget ${group} removes it`,
  };
};
