import type { Delivery, Transport } from '@millrace/streams';

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

/** Everything that was ever in a topic, in order; read beside the groups, for it is trimmed. */
export class TopicLog {
  readonly entries: Logged[] = [];
  private readonly stopping = new AbortController();
  private readonly reading: Promise<void>;

  constructor(transport: Transport, name: string) {
    this.reading = this.read(transport, { name, partition: 0 });
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

  private async read(transport: Transport, stream: { name: string; partition: number }): Promise<void> {
    for await (const delivery of transport.reader.tail(stream, '0-0', this.stopping.signal)) {
      this.entries.push(logged(delivery));
    }
  }
}
