import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOGGER, type Logger } from '@millrace/host';
import type { Sink, SinkEvent } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SinkFilesConfig } from './sink-files-config.js';
import { cutTornLine, finishFile, OPEN, TopicFile } from './topic-file.js';

const LOOK_EVERY_MS = 1000;

/** Writes events as lines of JSON to files, a folder for each topic. An event may be there twice after a crash. */
@Injectable()
export class FilesSink implements Sink, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly files = new Map<string, TopicFile>();
  /** One thing at a time happens to a topic's file. */
  private readonly busy = new Map<string, Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private made = 0;

  constructor(
    @Inject(SinkFilesConfig) private readonly config: SinkFilesConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Finishes what an earlier process of this owner left open. */
  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.rotateOld(), LOOK_EVERY_MS);
    await this.recover().catch((error: Error) => this.log.error({ err: error.message }, 'cannot look for open files'));
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    for (const topic of [...this.files.keys()]) await this.alone(topic, () => this.finish(topic));
  }

  async write(batch: readonly SinkEvent[]): Promise<void> {
    const byTopic = new Map<string, string[]>();
    for (const { topic, delivery } of batch) {
      const lines = byTopic.get(topic) ?? [];
      byTopic.set(topic, lines);
      // Between the tokens of JSON a line end is white space, and inside them there is none.
      lines.push(delivery.event.json.replace(/[\r\n]+/g, ' '));
    }
    await Promise.all([...byTopic].map(([topic, lines]) => this.append(topic, `${lines.join('\n')}\n`)));
  }

  private append(topic: string, text: string): Promise<void> {
    return this.alone(topic, async () => {
      try {
        const file = this.files.get(topic) ?? (await this.open(topic));
        await file.append(text);
        if (file.bytes >= this.config.ROTATE_BYTES) await this.finish(topic);
      } catch (error) {
        // A full disk, a folder that is gone or may not be written to: nobody's event is at fault.
        throw new Unavailable(`${topic}: ${(error as Error).message}`, { cause: error });
      }
    });
  }

  private async open(topic: string): Promise<TopicFile> {
    const folder = join(this.config.DIRECTORY, topic);
    await mkdir(folder, { recursive: true });
    const time = new Date().toISOString().replaceAll(':', '').replace('.', '_');
    const name = `${topic}-${time}-${this.config.FILE_OWNER}-${process.pid}-${this.made++}.ndjson${OPEN}`;
    const file = await TopicFile.create(join(folder, name));
    this.files.set(topic, file);
    return file;
  }

  private async finish(topic: string): Promise<void> {
    const file = this.files.get(topic);
    this.files.delete(topic);
    await file?.finish(this.config.COMPRESS);
  }

  private async rotateOld(): Promise<void> {
    const now = performance.now();
    for (const [topic, file] of this.files) {
      if (file.ageAt(now) < this.config.ROTATE_AFTER) continue;
      await this.alone(topic, () => this.finish(topic)).catch((error: Error) =>
        this.log.error({ topic, err: error.message }, 'a file could not be finished; it is when the sink starts again'),
      );
    }
  }

  private async recover(): Promise<void> {
    await mkdir(this.config.DIRECTORY, { recursive: true });
    const folders = await readdir(this.config.DIRECTORY, { withFileTypes: true });
    for (const folder of folders.filter((one) => one.isDirectory())) {
      const path = join(this.config.DIRECTORY, folder.name);
      const left = (await readdir(path)).filter((name) => name.endsWith(OPEN) && this.isOurs(name));
      for (const name of left) await this.recoverFile(join(path, name));
    }
  }

  /** Named by this owner, and by no process that runs beside this one. */
  private isOurs(name: string): boolean {
    const at = name.lastIndexOf(`-${this.config.FILE_OWNER}-`);
    const pid = Number(name.slice(at + this.config.FILE_OWNER.length + 2).split('-')[0]);
    return at >= 0 && (pid === process.pid || !isRunning(pid));
  }

  private async recoverFile(path: string): Promise<void> {
    const bytes = await cutTornLine(path);
    if (bytes === 0) await rm(path);
    else await finishFile(path, this.config.COMPRESS);
    this.log.info({ file: path, bytes }, 'finished a file that an earlier process left open');
  }

  private alone<T>(topic: string, work: () => Promise<T>): Promise<T> {
    const before = this.busy.get(topic) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.busy.set(topic, mine);
    return mine;
  }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
