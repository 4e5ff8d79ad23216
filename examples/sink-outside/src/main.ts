import { appendFile } from 'node:fs/promises';
import { Text, TopicsConfig, Whole } from '@millrace/host';
import { runSink, type Sink, type SinkEvent, SinkModule, type WriteFailure } from '@millrace/sink';
import { PermanentError, Unavailable } from '@millrace/streams';
import { Inject, Injectable } from '@nestjs/common';

/** What the sink reads from its environment, beside what every sink reads. */
class FileConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8095;

  /** The file that gets a line of JSON for each event. */
  @Text('a path')
  EVENTS_FILE: string = 'events.ndjson';
}

/** Appends events to a file. One may come twice, after a crash: `key` tells. */
@Injectable()
class FileSink implements Sink {
  constructor(@Inject(FileConfig) private readonly config: FileConfig) {}

  async write(batch: readonly SinkEvent[]): Promise<WriteFailure[]> {
    const failures: WriteFailure[] = [];
    const lines: string[] = [];
    for (const [index, { event, topic, key }] of batch.entries()) {
      if (event.data === undefined) failures.push({ index, error: new PermanentError('an event without data') });
      else lines.push(`${JSON.stringify({ key, topic, type: event.type, id: event.id, data: event.data })}\n`);
    }
    await this.append(lines.join(''));
    return failures;
  }

  /** Resolves when it is on the disk: what is acknowledged is not sent again. */
  private async append(text: string): Promise<void> {
    const { EVENTS_FILE } = this.config;
    await appendFile(EVENTS_FILE, text, { flush: true }).catch((cause: Error) => {
      throw new Unavailable(`${EVENTS_FILE} cannot be written: ${cause.message}`, { cause });
    });
  }
}

/** The process: its name, what it reads, what it writes to. */
@SinkModule({ hop: 'sink-outside', config: FileConfig, sink: FileSink })
class SinkOutsideModule {}

await runSink(SinkOutsideModule);
