import type { Series, SeriesLabels } from '@millrace/admin-api';
import { ModuleUnusable, openSeriesReader, type SeriesReader } from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { refusal } from '../contract/problems.js';
import type { AskedSeries } from './asked-series.js';

const MOST_SERIES = 100;
const MOST_LISTED = 1000;

/** What sink-timeseries keeps. Rejects with `Unavailable`, or a 503 where the server cannot read what its module made. */
@Injectable()
export class StoredSeries {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  read({ filters, range }: AskedSeries): Promise<Series> {
    return this.with((reader) => reader.read(filters, range, MOST_SERIES));
  }

  labels(): Promise<SeriesLabels> {
    return this.with(async (reader) => labelsOf(await reader.names(MOST_LISTED)));
  }

  /** Opened for each question: who keeps the series, and whether there are any, may have changed since the last. */
  private async with<T>(ask: (reader: SeriesReader) => Promise<T>): Promise<T> {
    const prefixes = Array.from({ length: this.transport.partitions.count }, (_, partition) =>
      this.transport.keys.stream({ name: 'series', partition }),
    );
    try {
      return await ask(
        await openSeriesReader((prefix) => this.transport.connections.connectTo(prefix, 'series'), prefixes),
      );
    } catch (error) {
      if (error instanceof ModuleUnusable) throw refusal('unavailable', 503, error.message);
      throw error;
    }
  }
}

interface Named {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Metrics and labels of series, sorted. */
const labelsOf = (series: readonly Named[]): SeriesLabels => {
  const values = new Map<string, Set<string>>();
  for (const [label, value] of series.flatMap(({ labels }) => Object.entries(labels))) {
    values.set(label, (values.get(label) ?? new Set()).add(value));
  }
  const sorted = (all: Iterable<string>) => [...all].sort();
  return {
    metrics: sorted(new Set(series.map(({ name, labels }) => labels['metric'] ?? name))),
    labels: Object.fromEntries(sorted(values.keys()).map((label) => [label, sorted(values.get(label) ?? [])])),
  };
};
