import type { Delivery, StreamName, Transport } from '@millrace/streams';

/** An entry of a topic: which event it holds. */
export interface Logged {
  readonly id: string;
  readonly key: string;
  readonly n: number;
}

const logged = ({ event: { json } }: Delivery): Logged => {
  const { id, partitionkey, data } = JSON.parse(json) as { id: string; partitionkey: string; data: { n: number } };
  return { id, key: partitionkey, n: data.n };
};

/** Whether it is an event of the producer's: others write into the streams too. */
const isOurs = (delivery: Delivery): boolean => !('foreign' in delivery);

/**
 * Everything that was ever in a topic, in order. It is read beside the groups, for it is trimmed; at the end, where what was
 * read may be taken back.
 */
export class TopicLog {
  readonly entries: Logged[] = [];
  private readonly stopping = new AbortController();
  private readonly reading: Promise<void>;
  private readonly stream: StreamName;

  constructor(
    private readonly transport: Transport,
    name: string,
    private readonly atTheEnd: boolean,
  ) {
    this.stream = { name, partition: 0 };
    this.reading = atTheEnd ? Promise.resolve() : this.follow();
  }

  /** Resolves when all of it was read that is there now, where that is done at the end. */
  async complete(): Promise<void> {
    if (!this.atTheEnd) return;
    const all = await this.transport.reader.range(
      this.stream,
      '-',
      '+',
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER,
    );
    this.entries.push(...all.filter(isOurs).map(logged));
  }

  /** Ids that are there more than once. */
  duplicates(): string[] {
    const seen = new Set<string>();
    return this.entries.filter(({ id }) => seen.size === seen.add(id).size).map(({ id }) => id);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.reading;
  }

  private async follow(): Promise<void> {
    for await (const delivery of this.transport.reader.tail(this.stream, '0-0', this.stopping.signal)) {
      if (isOurs(delivery)) this.entries.push(logged(delivery));
    }
  }
}
