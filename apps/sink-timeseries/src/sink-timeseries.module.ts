import { SinkModule } from '@millrace/sink';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { Stores } from './stores.js';
import { TimeseriesSink } from './timeseries-sink.js';

/** Delivers topics as samples and rollups. */
@SinkModule({ hop: 'sink-timeseries', config: SinkTimeseriesConfig, sink: TimeseriesSink, providers: [Stores] })
export class SinkTimeseriesModule {}
