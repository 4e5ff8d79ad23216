import type { Delivery, Position } from '@millrace/streams';
import { Cursor } from './cursor.js';

/** Reads the next events of a partition, after a position or from the start; none at the end. */
type ReadPage = (partition: number, after: string | null) => Promise<Delivery[]>;

const partsOf = (position: Position): number[] => position.split(/[-.]/).map(Number);

/** Compares positions as Redis orders entries, and events in them. */
export const byPosition = (a: Position, b: Position): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** The events of all partitions, one by one, in the order of their times. */
export class PartitionMerge {
  private readonly pages: (Delivery[] | undefined)[];
  private readonly after: (string | null)[];

  constructor(
    private readonly order: 'newest' | 'oldest',
    start: Cursor,
    private readonly read: ReadPage,
  ) {
    this.after = [...start.after];
    this.pages = this.after.map(() => undefined);
  }

  /** Where the last event that was given stands. */
  get cursor(): Cursor {
    return new Cursor(this.after);
  }

  /** Undefined at the end. */
  async next(): Promise<Delivery | undefined> {
    const partition = await this.nextPartition();
    const delivery = partition === undefined ? undefined : this.pages[partition]?.shift();
    if (partition !== undefined && delivery !== undefined) this.after[partition] = delivery.position;
    return delivery;
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.nextPartition()) === undefined;
  }

  /** The partition whose first event comes next. */
  private async nextPartition(): Promise<number | undefined> {
    await Promise.all(this.pages.map((page, partition) => (page?.length ? undefined : this.fill(partition))));
    const heads = this.pages.flatMap((page, partition) => (page?.[0] ? [{ partition, at: page[0].position }] : []));
    const sign = this.order === 'newest' ? -1 : 1;
    return heads.sort((a, b) => sign * byPosition(a.at, b.at) || a.partition - b.partition)[0]?.partition;
  }

  private async fill(partition: number): Promise<void> {
    if (this.ended.has(partition)) return;
    const page = await this.read(partition, this.after[partition] ?? null);
    this.pages[partition] = page;
    if (page.length === 0) this.ended.add(partition);
  }

  private readonly ended = new Set<number>();
}
