import { runSink } from '@millrace/sink';
import { SinkFilesModule } from './sink-files.module.js';

await runSink(SinkFilesModule);
