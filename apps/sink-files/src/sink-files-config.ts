import { hostname } from 'node:os';
import { Duration, Name, OneOf, Text, TopicsConfig, Whole } from '@millrace/host';

/** What the files sink reads from its environment. */
export class SinkFilesConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8085;

  /** Folder of the files; each topic has one of its own in it. */
  @Text('the path of a folder')
  DIRECTORY: string = 'events';

  /** Put into the names of files, so that processes that share a folder do not meet. */
  @Name(64)
  FILE_OWNER: string = hostname();

  /** A file is finished at this size, in bytes as they are before compression. */
  @Whole(1024, 1_099_511_627_776)
  ROTATE_BYTES: number = 134_217_728;

  /** A file is finished so long after its first event. */
  @Duration()
  ROTATE_AFTER: number = 3_600_000;

  /** What finished files are compressed with. */
  @OneOf('none', 'gzip')
  COMPRESS: 'none' | 'gzip' = 'none';
}
