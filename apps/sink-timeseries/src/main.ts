import { runSink } from '@millrace/sink';
import { SinkTimeseriesModule } from './sink-timeseries.module.js';

await runSink(SinkTimeseriesModule);
