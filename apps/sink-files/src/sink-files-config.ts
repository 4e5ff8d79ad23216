import { hostname } from 'node:os';
import { Duration, OneOf, Text, TopicsConfig, Whole } from '@millrace/host';

/** What the files sink reads from its environment. */
export class SinkFilesConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8085;

  /** Folder of the files; each topic has one of its own in it. */
  @Text('the path of a folder')
  DIRECTORY: string = 'events';

  /** Put into the names of files, so that processes that share a folder do not meet. */
  @Text(
    '1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit',
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  )
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
