import type { IngestSummary, Measurement } from '@millrace/admin-api';
import { timestampMs } from '@millrace/events';
import { LOGGER, type Logger } from '@millrace/host';
import { openSeriesStore, type Rollup, type SeriesStore } from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { GatewayConfig } from '../gateway-config.js';

/** A series for each metric of the measurements API, with one rollup. */
@Injectable()
export class IngestMetrics {
  private readonly redis;
  private readonly prefix: string;
  private readonly rollup: Rollup;
  private opened: Promise<SeriesStore> | undefined;

  constructor(
    @Inject(RedisTransport) transport: RedisTransport,
    @Inject(GatewayConfig) config: GatewayConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.prefix = transport.keys.prefix + config.INGEST_METRICS_KEY;
    this.redis = transport.connections.connectTo(this.prefix, 'ingest-metrics');
    this.rollup = { aggregate: 'avg', bucketMs: config.INGEST_ROLLUP_BUCKET_MS };
  }

  /** Adds readings; gives for each why it was refused, or undefined. */
  add(measurements: readonly Measurement[]): Promise<(string | undefined)[]> {
    return this.ask(async (store) => {
      const metrics = [...new Set(measurements.map(({ metric }) => metric))];
      await store.ensure(metrics.map((metric) => ({ name: metric, labels: { metric }, rollups: [this.rollup] })));
      const results = await store.add(
        measurements.map(({ metric, value, occurredAt }) => ({
          series: metric,
          timestampMs: timestampMs(occurredAt) ?? Number.NaN,
          value,
        })),
      );
      return results.map((result) => (result.status === 'added' ? undefined : `${result.reason}: ${result.detail}`));
    });
  }

  summary(): Promise<IngestSummary['metrics']> {
    return this.ask(async (store) => {
      const names = (await store.find({})).map(({ name }) => name);
      const raw = await store.latest(names.map((series) => ({ series })));
      const rollups = await store.latest(names.map((series) => ({ series, rollup: this.rollup })));
      return names.map((metric, i) => ({ metric, raw: raw[i] ?? null, rollup: rollups[i] ?? null }));
    });
  }

  private async ask<T>(question: (store: SeriesStore) => Promise<T>): Promise<T> {
    this.opened ??= this.open();
    return question(await this.opened);
  }

  private open(): Promise<SeriesStore> {
    return openSeriesStore(this.redis, {
      prefix: this.prefix,
      onChoice: ({ kind, reason }) => this.log.debug(`storing measurements in the ${kind} store: ${reason}`),
    }).catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
  }
}
