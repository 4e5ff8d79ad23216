import { openSeriesStore } from '@millrace/series';
import { SinkModule } from '@millrace/sink';
import type { Finding, RedisTransport } from '@millrace/streams/redis';
import { SinkTimeseriesConfig } from './sink-timeseries-config.js';
import { Stores } from './stores.js';
import { TimeseriesSink } from './timeseries-sink.js';

/** What is added up counts twice where a sample is sent twice, which only the module's keys can prevent. */
const examineStore = async (
  transport: RedisTransport,
  { ON_DUPLICATE }: SinkTimeseriesConfig,
): Promise<readonly Finding[]> => {
  const prefix = transport.keys.stream({ name: 'series', partition: 0 });
  const { kind } = await openSeriesStore(transport.connect('series'), { prefix });
  if (kind === 'timeseries' || ON_DUPLICATE === 'last') return [];
  const detail = `ON_DUPLICATE=${ON_DUPLICATE} needs the TimeSeries module, which this Redis or its series do not have`;
  return [{ check: 'series', verdict: 'refuse', detail }];
};

/** Delivers topics as samples and rollups. */
@SinkModule({
  hop: 'sink-timeseries',
  config: SinkTimeseriesConfig,
  sink: TimeseriesSink,
  providers: [Stores],
  examine: examineStore,
})
export class SinkTimeseriesModule {}
