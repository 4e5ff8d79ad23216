import { SinkModule } from '@millrace/sink';
import { checkConfig, examineStore } from './check-config.js';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { Stores } from './stores.js';
import { TimeseriesSink } from './timeseries-sink.js';

/** Delivers topics as samples and rollups. */
@SinkModule({
  hop: 'sink-timeseries',
  config: SinkTimeseriesConfig,
  sink: TimeseriesSink,
  providers: [Stores],
  examine: examineStore,
  prepare: (app) => checkConfig(app.get(SinkTimeseriesConfig)),
})
export class SinkTimeseriesModule {}
