import { Metrics } from '@millrace/host';
import { type Sample, type SampleResult, type SeriesSpec, type SeriesStore, seriesName } from '@millrace/series';
import type { Sink, SinkEvent, WriteFailure } from '@millrace/sink';
import { PermanentError } from '@millrace/streams';
import { asUnavailable } from '@millrace/streams/redis';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Reading, type ReadingPaths, readSample } from './read-sample.js';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { Stores } from './stores.js';

interface Indexed extends Reading {
  readonly index: number;
}

/** Writes each reading as a sample of the series of its metric and source. Writing one twice changes nothing. */
@Injectable()
export class TimeseriesSink implements Sink, OnApplicationBootstrap {
  private readonly paths: ReadingPaths;
  private readonly samples;

  constructor(
    @Inject(SinkTimeseriesConfig) private readonly config: SinkTimeseriesConfig,
    @Inject(Stores) private readonly stores: Stores,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.paths = { metric: config.METRIC_PATH, value: config.VALUE_PATH, time: config.TIME_PATH };
    this.samples = metrics.counter('millrace_samples_total', 'Samples written');
  }

  onApplicationBootstrap(): void {
    // So that the log says which store it is before the first event. A Redis that is away is told of at the first write.
    void this.stores.of(0).catch(() => undefined);
  }

  async write(events: readonly SinkEvent[]): Promise<WriteFailure[]> {
    const failures: WriteFailure[] = [];
    const readings = this.read(events, failures);
    // A batch is of one partition.
    const partition = events[0]?.delivery.partition ?? 0;
    try {
      const results = await this.add(await this.stores.of(partition), readings);
      results.forEach((result, i) => {
        if (result.status === 'rejected')
          failures.push({ index: (readings[i] as Indexed).index, error: refusal(result) });
      });
      this.samples.inc(events.length - failures.length);
    } catch (error) {
      throw asUnavailable(error);
    }
    return failures;
  }

  private read(events: readonly SinkEvent[], failures: WriteFailure[]): Indexed[] {
    return events.flatMap((event, index) => {
      try {
        return [{ ...readSample(event, this.paths), index }];
      } catch (error) {
        failures.push({ index, error: error as Error });
        return [];
      }
    });
  }

  private async add(store: SeriesStore, readings: readonly Indexed[]): Promise<SampleResult[]> {
    if (readings.length === 0) return [];
    const samples: Sample[] = readings.map((reading) => ({
      series: nameOf(reading),
      timestampMs: reading.timestampMs,
      value: reading.value,
    }));
    await store.ensure(this.specsOf(readings));
    return store.add(samples);
  }

  private specsOf(readings: readonly Reading[]): SeriesSpec[] {
    const specs = new Map<string, SeriesSpec>();
    const { SERIES_RETENTION: retentionMs, ROLLUPS: rollups } = this.config;
    for (const reading of readings) {
      const { metric, source } = reading;
      const name = nameOf(reading);
      if (!specs.has(name)) specs.set(name, { name, labels: { metric, source }, retentionMs, rollups });
    }
    return [...specs.values()];
  }
}

const nameOf = ({ metric, source }: Reading): string => seriesName(metric, source);

const refusal = ({ reason, detail }: { reason: string; detail: string }): PermanentError =>
  new PermanentError(`the sample was refused (${reason}): ${detail}`);
