import type { AppendOptions, AppendResult, Producer, StreamedEvent, StreamName } from '../../contract.js';

/** A producer for each partition, made when it is first needed. */
export class PartitionedProducer implements Producer {
  private readonly producers = new Map<number, Producer>();

  constructor(private readonly make: (partition: number) => Producer) {}

  append(stream: StreamName, events: readonly StreamedEvent[], options?: AppendOptions): Promise<AppendResult[]> {
    const { partition } = stream;
    const producer = this.producers.get(partition) ?? this.make(partition);
    this.producers.set(partition, producer);
    return producer.append(stream, events, options);
  }
}
