import { runSink } from '@millrace/sink';
import { SinkPostgresModule } from './sink-postgres.module.js';

await runSink(SinkPostgresModule);
