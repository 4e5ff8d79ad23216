import { Metrics } from '@millrace/host';
import type { Rejection, Sample, SeriesSpec, SeriesStore } from '@millrace/series';
import type { Sink, SinkEvent, WriteFailure } from '@millrace/sink';
import { PermanentError, type StoreCommand } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Reading, type ReadingPaths, readReadings } from './read-readings.js';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { Stores } from './stores.js';

/** A reading, and where its event stands in the batch. */
interface Indexed extends Reading {
  readonly index: number;
}

/** Writes the readings of events as samples. Where two of a time are not added up, writing one twice changes nothing. */
@Injectable()
export class TimeseriesSink implements Sink, OnApplicationBootstrap {
  private readonly paths: ReadingPaths;
  private readonly samples;

  constructor(
    @Inject(SinkTimeseriesConfig) private readonly config: SinkTimeseriesConfig,
    @Inject(Stores) private readonly stores: Stores,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.paths = {
      metric: config.METRIC_PATH,
      values: config.VALUE_PATH,
      time: config.TIME_PATH,
      labels: config.SERIES_LABELS,
      series: config.SERIES_NAME,
      maxAheadMs: config.SERIES_MAX_AHEAD,
    };
    this.samples = metrics.counter('millrace_samples_total', 'Samples written');
  }

  onApplicationBootstrap(): void {
    // So that the log says which store it is before the first event. A Redis that is away is reported at the first write.
    void this.stores.of(0).catch(() => undefined);
  }

  /** In the TimeSeries module samples are keys beside the topic, and take their place in one step with its progress. */
  async commands(events: readonly SinkEvent[]): Promise<readonly (StoreCommand | Error)[] | undefined> {
    const store = await this.stores.of(partitionOf(events));
    if (store.kind === 'plain') return undefined;
    const readings = events.map((event) => this.read(event));
    // Where something was deleted, the first try said so.
    if (events.some(({ delivery }) => delivery.attempt > 1)) store.forget();
    await store.ensure(this.specsOf(readings.flatMap((read) => (read instanceof Error ? [] : read))));
    return readings.map((read) => (read instanceof Error ? read : this.commandOf(store, read)));
  }

  async write(events: readonly SinkEvent[]): Promise<WriteFailure[]> {
    const failures = new Map<number, Error>();
    const readings = events.flatMap((event, index): Indexed[] => {
      const read = this.read(event);
      if (!(read instanceof Error)) return read.map((reading) => ({ ...reading, index }));
      failures.set(index, read);
      return [];
    });
    // The order of time costs a store least, and no sample is too old for another of its own batch.
    readings.sort((a, b) => a.timestampMs - b.timestampMs);
    const store = await this.stores.of(partitionOf(events));
    await store.ensure(this.specsOf(readings));
    const results = await store.add(readings.map(sampleOf));
    results.forEach((result, i) => {
      const { index } = readings[i] as Indexed;
      if (result.status === 'added') this.samples.inc();
      else if (!failures.has(index)) failures.set(index, refusal(result));
    });
    return Array.from(failures, ([index, error]) => ({ index, error })).sort((a, b) => a.index - b.index);
  }

  private read(event: SinkEvent): Reading[] | Error {
    try {
      return readReadings(event, this.paths);
    } catch (error) {
      return error as Error;
    }
  }

  private commandOf(store: SeriesStore, readings: readonly Reading[]): StoreCommand | Error {
    const made = store.commandOf(readings.map(sampleOf));
    if (made === undefined) return new PermanentError('the store has no command for samples');
    if ('status' in made) return refusal(made);
    this.samples.inc(readings.length);
    // As in `write`: the order of time.
    return { ...made, turn: readings[0]?.timestampMs ?? 0 };
  }

  /** A label that varies within a series is that of the batch's last reading. */
  private specsOf(readings: readonly Reading[]): SeriesSpec[] {
    const { SERIES_IGNORE: ignore } = this.config;
    const shared = {
      retentionMs: this.config.SERIES_RETENTION,
      rollups: this.config.ROLLUPS,
      onDuplicate: this.config.ON_DUPLICATE,
      chunkSize: this.config.SERIES_CHUNK_SIZE,
      ...(ignore && { ignore }),
    };
    const labelsOf = new Map(readings.map(({ series, labels }) => [series, labels]));
    return Array.from(labelsOf, ([name, labels]) => ({ name, labels, ...shared }));
  }
}

/** A batch is of one partition. */
const partitionOf = (events: readonly SinkEvent[]): number => events[0]?.delivery.partition ?? 0;

const sampleOf = ({ series, timestampMs, value }: Reading): Sample => ({ series, timestampMs, value });

const refusal = ({ reason, detail }: Rejection): PermanentError =>
  new PermanentError(`the sample was refused (${reason}): ${detail}`);
