import type { StreamName } from '../../contract.js';

/** Names of the keys in Redis. All keys of a partition share its hash tag `{pN}`, so they are in one cluster slot. */
export class Keys {
  constructor(readonly prefix: string) {}

  stream({ name, partition }: StreamName): string {
    return `${this.prefix}{p${partition}}:${name}`;
  }

  /** Due times of a group's parked deliveries, a sorted set. */
  parked(group: string, partition: number): string {
    return this.stream({ name: `parked:${group}`, partition });
  }

  /** Payloads of a group's parked deliveries, a hash. */
  payloads(group: string, partition: number): string {
    return this.stream({ name: `parked:${group}:payloads`, partition });
  }

  /** Who reads a partition for a group that keeps an order, a hash. */
  lease(group: string, partition: number): string {
    return this.stream({ name: `lease:${group}`, partition });
  }

  /** Records of what was trimmed although a group had not settled it, a stream. */
  forced(partition: number): string {
    return this.stream({ name: 'forced', partition });
  }

  /** How many events the frames of a partition hold beyond their entries, and what else is counted there, a hash. */
  frames(partition: number): string {
    return this.stream({ name: 'frames', partition });
  }

  /** A part of a partition's deduplication window. */
  seen(part: number | 'state', partition: number): string {
    return this.stream({ name: `seen:${part}`, partition });
  }

  /** A token bucket, a hash; each in a slot of its own, as they have nothing to do with each other. */
  bucket(name: string): string {
    return `${this.prefix}{rate:${name}}`;
  }

  /** Whether a partition takes events in, and of those who count how many partitions; a string. */
  gate(partition: number): string {
    return this.stream({ name: 'gate', partition });
  }

  /** What is not in a partition: routes, registered groups, topics. */
  control(name: string): string {
    return `${this.prefix}{ctl}:${name}`;
  }
}
