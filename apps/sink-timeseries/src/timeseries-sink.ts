import { Metrics } from '@millrace/host';
import {
  type Sample,
  type SampleCommand,
  type SampleResult,
  type SeriesSpec,
  type SeriesStore,
  seriesName,
} from '@millrace/series';
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

  /** In the TimeSeries module samples are keys beside the topic, and take their place in one step with its progress. */
  async commands(events: readonly SinkEvent[]): Promise<readonly (SampleCommand | Error)[] | undefined> {
    try {
      const store = await this.stores.of(events[0]?.delivery.partition ?? 0);
      if (store.kind === 'plain') return undefined;
      const readings = events.map((event) => this.readOne(event));
      // Where something was deleted, the first try said so.
      if (events.some(({ delivery }) => delivery.attempt > 1)) store.forget();
      const good = readings.filter((reading): reading is Reading => !(reading instanceof Error));
      await store.ensure(this.specsOf(good));
      this.samples.inc(good.length);
      return readings.map((reading) => (reading instanceof Error ? reading : commandOf(store, reading)));
    } catch (error) {
      throw asUnavailable(error);
    }
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
      const reading = this.readOne(event);
      if (!(reading instanceof Error)) return [{ ...reading, index }];
      failures.push({ index, error: reading });
      return [];
    });
  }

  private readOne(event: SinkEvent): Reading | Error {
    try {
      return readSample(event, this.paths);
    } catch (error) {
      return error as Error;
    }
  }

  private async add(store: SeriesStore, readings: readonly Indexed[]): Promise<SampleResult[]> {
    if (readings.length === 0) return [];
    await store.ensure(this.specsOf(readings));
    return store.add(readings.map(sampleOf));
  }

  private specsOf(readings: readonly Reading[]): SeriesSpec[] {
    const specs = new Map<string, SeriesSpec>();
    const { SERIES_RETENTION: retentionMs, ROLLUPS: rollups, ON_DUPLICATE: onDuplicate } = this.config;
    for (const reading of readings) {
      const { metric, source } = reading;
      const name = nameOf(reading);
      if (!specs.has(name)) specs.set(name, { name, labels: { metric, source }, retentionMs, rollups, onDuplicate });
    }
    return [...specs.values()];
  }
}

const sampleOf = (reading: Reading): Sample => ({
  series: nameOf(reading),
  timestampMs: reading.timestampMs,
  value: reading.value,
});

const commandOf = (store: SeriesStore, reading: Reading): SampleCommand | Error => {
  const made = store.commandOf(sampleOf(reading));
  if (made === undefined) return new PermanentError('the store has no command for a sample');
  return 'status' in made ? refusal(made as Extract<SampleResult, { status: 'rejected' }>) : made;
};

const nameOf = ({ metric, source }: Reading): string => seriesName(metric, source);

const refusal = ({ reason, detail }: { reason: string; detail: string }): PermanentError =>
  new PermanentError(`the sample was refused (${reason}): ${detail}`);
