import { SinkModule } from '@millrace/sink';
import { FilesSink } from './files-sink.js';
import { SinkFilesConfig } from './sink-files-config.js';

/** Writes topics to files. */
@SinkModule({
  hop: 'sink-files',
  config: SinkFilesConfig,
  sink: FilesSink,
})
export class SinkFilesModule {}
