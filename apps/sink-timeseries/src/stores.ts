import { LOGGER, type Logger } from '@millrace/host';
import { openSeriesStore, type SeriesStore } from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';

/** The series of each partition, in its slot, so beside the topic that they come from. */
@Injectable()
export class Stores {
  private readonly opened = new Map<number, Promise<SeriesStore>>();
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(SinkTimeseriesConfig) private readonly config: SinkTimeseriesConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** The store of a partition, opened at the first use. Rejects with Redis's error; then the next call tries again. */
  of(partition: number): Promise<SeriesStore> {
    const opened = this.opened.get(partition) ?? this.open(partition);
    this.opened.set(partition, opened);
    return opened;
  }

  private async open(partition: number): Promise<SeriesStore> {
    const prefix = this.transport.keys.stream({ name: 'series', partition });
    try {
      return await openSeriesStore(this.transport.connections.connectTo(prefix, 'series'), {
        prefix,
        maxSeries: this.config.SERIES_MAX,
        onChoice: ({ kind, reason }) => this.log.info({ partition }, `storing samples in the ${kind} store: ${reason}`),
      });
    } catch (error) {
      this.opened.delete(partition);
      throw error;
    }
  }
}
