import type { IngestEntry, Measurement, ProcessedIngest } from '@millrace/admin-api';
import { Inject, Injectable } from '@nestjs/common';
import { IngestMetrics } from './ingest-metrics.js';
import { type BadEntry, IngestStream } from './ingest-stream.js';
import { flawOf } from './measurement.js';

const measurementOf = ({ id, value }: IngestEntry): Measurement =>
  ({
    // The id of an entry starts with the milliseconds at which it was appended.
    occurredAt: new Date(Number(id.split('-')[0])).toISOString(),
    ...(value as unknown as Partial<Measurement>),
  }) as Measurement;

/** Turns entries of the stream of measurements into samples. Doing it twice changes nothing, so a crash in between is no harm. */
@Injectable()
export class IngestWorker {
  constructor(
    @Inject(IngestStream) private readonly stream: IngestStream,
    @Inject(IngestMetrics) private readonly metrics: IngestMetrics,
  ) {}

  async process(consumer: string, count: number): Promise<ProcessedIngest> {
    const entries = await this.stream.read(consumer, count);
    const bad: BadEntry[] = [];
    const good = entries.filter((entry) => {
      const reason = flawOf(entry.value);
      if (reason !== undefined) bad.push({ ...entry, reason });
      return reason === undefined;
    });
    const refusals = good.length === 0 ? [] : await this.metrics.add(good.map(measurementOf));
    refusals.forEach((reason, i) => {
      if (reason !== undefined) bad.push({ ...(good[i] as IngestEntry), reason });
    });
    const acked = await this.stream.settle(entries, bad);
    return { read: entries.length, processed: entries.length - bad.length, dead_lettered: bad.length, acked };
  }
}
