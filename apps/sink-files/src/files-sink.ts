import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOGGER, type Logger } from '@millrace/host';
import type { Sink, SinkEvent } from '@millrace/sink';
import { type Delivery, PeriodicTask, Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SinkFilesConfig } from './sink-files-config.js';
import { cutTornLine, finishFile, makeFolder, OPEN, TAKEN, TopicFile } from './topic-file.js';

const LOOK_EVERY_MS = 1000;

/** Writes events as lines of JSON to files, a folder for each topic. An event may be there twice after a crash. */
@Injectable()
export class FilesSink implements Sink, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly files = new Map<string, TopicFile>();
  /** One thing at a time happens to a topic's file. */
  private readonly busy = new Map<string, Promise<unknown>>();
  /** Of a batch that comes again, what is on the disk already: another topic of it could not be written. */
  private readonly written = new WeakSet<Delivery>();
  /** Closed files that could not be given their names yet. */
  private readonly unnamed = new Set<string>();
  private readonly rotating = new PeriodicTask(() => this.rotate(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.log.error({ err: error }, 'cannot rotate files; retrying'),
  });
  private made = 0;

  constructor(
    @Inject(SinkFilesConfig) private readonly config: SinkFilesConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Finishes what an earlier process of this owner left open. */
  async onApplicationBootstrap(): Promise<void> {
    this.rotating.start(LOOK_EVERY_MS);
    await this.recover();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.rotating.stop();
    for (const topic of [...this.files.keys()]) await this.alone(topic, () => this.finish(topic));
  }

  async write(batch: readonly SinkEvent[]): Promise<void> {
    const byTopic = new Map<string, Delivery[]>();
    for (const { topic, delivery } of batch) {
      if (this.written.has(delivery)) continue;
      const deliveries = byTopic.get(topic) ?? [];
      byTopic.set(topic, deliveries);
      deliveries.push(delivery);
    }
    // Each to its end, for the same batch comes again when this rejects.
    const done = await Promise.allSettled([...byTopic].map(([topic, deliveries]) => this.append(topic, deliveries)));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  private append(topic: string, deliveries: readonly Delivery[]): Promise<void> {
    // Between the tokens of JSON a line end is white space, and inside them there is none.
    const lines = deliveries.map(({ event }) => `${event.json.replace(/[\r\n]+/g, ' ')}\n`);
    return this.alone(topic, async () => {
      try {
        const file = this.files.get(topic) ?? (await this.open(topic));
        await file.append(lines.join('')).finally(() => this.lookAfter(topic, file));
        for (const delivery of deliveries) this.written.add(delivery);
        if (file.bytes >= this.config.ROTATE_BYTES) await this.finish(topic);
      } catch (error) {
        // A full disk, a folder that is gone or may not be written to: nobody's event is at fault.
        throw new Unavailable(`${topic}: ${(error as Error).message}`, { cause: error });
      }
    });
  }

  private async open(topic: string): Promise<TopicFile> {
    const time = new Date().toISOString().replaceAll(':', '').replace('.', '_');
    const name = `${topic}-${time}-${this.config.FILE_OWNER}-${process.pid}-${this.made++}.ndjson${OPEN}`;
    const file = await TopicFile.create(join(this.config.DIRECTORY, topic, name));
    this.files.set(topic, file);
    return file;
  }

  /** Rejects where the file is not where it was: what was written last goes to another one. */
  private async lookAfter(topic: string, file: TopicFile): Promise<void> {
    if (await file.isInPlace()) return;
    this.files.delete(topic);
    await file.abandon();
    throw new Error(`${file.path} was removed while it was written to; does another process have the same FILE_OWNER?`);
  }

  /** Closes the file of a topic and gives it its name. What is on the disk is, whether that succeeds or not. */
  private async finish(topic: string): Promise<void> {
    const file = this.files.get(topic);
    if (file === undefined) return;
    try {
      const bytes = await file.close();
      this.files.delete(topic);
      if (bytes === 0) await rm(file.path, { force: true });
      else await this.name(file.path);
    } catch (error) {
      this.log.error({ file: file.path, err: (error as Error).message }, 'cannot close the file; retrying');
    }
  }

  private async name(path: string): Promise<void> {
    try {
      await finishFile(path, this.config.COMPRESS);
      this.unnamed.delete(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const isGone = code === 'ENOENT';
      if (isGone) this.unnamed.delete(path);
      if (isGone) this.log.error({ file: path }, 'file removed before it was finished');
      else if (!this.unnamed.has(path)) {
        this.unnamed.add(path);
        this.log.error({ file: path, err: message }, 'cannot finish the file; retrying every second');
      }
    }
  }

  private async rotate(): Promise<void> {
    for (const path of this.unnamed) await this.name(path);
    for (const topic of [...this.files.keys()]) {
      await this.alone(topic, async () => {
        const age = this.files.get(topic)?.ageAt(performance.now()) ?? 0;
        if (age >= this.config.ROTATE_AFTER) await this.finish(topic);
      });
    }
  }

  private async recover(): Promise<void> {
    const { DIRECTORY } = this.config;
    await this.told(DIRECTORY, async () => {
      await makeFolder(DIRECTORY);
      const folders = (await readdir(DIRECTORY, { withFileTypes: true })).filter((one) => one.isDirectory());
      // Not all of them are ours to read: lost+found.
      for (const { name } of folders)
        await this.told(join(DIRECTORY, name), () => this.recoverIn(join(DIRECTORY, name)));
    });
  }

  private async recoverIn(folder: string): Promise<void> {
    const left = (await readdir(folder)).filter((name) => name.endsWith(OPEN) && this.isOurs(name));
    for (const name of left) await this.told(join(folder, name), () => this.recoverFile(join(folder, name)));
  }

  /** What cannot be taken over does not keep the sink from its work, nor from taking over the rest. */
  private async told(path: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: Error) => this.log.error({ path, err: error.message }, 'cannot look for open files'));
  }

  /** Named by this owner, and by no process that runs beside this one. */
  private isOurs(name: string): boolean {
    const at = name.lastIndexOf(`-${this.config.FILE_OWNER}-`);
    const pid = Number(name.slice(at + this.config.FILE_OWNER.length + 2).split('-')[0]);
    return at >= 0 && (pid === process.pid || !isRunning(pid));
  }

  private async recoverFile(path: string): Promise<void> {
    // First of all, so that a process that still writes to it (one cannot see into another container) finds it gone.
    const taken = path.endsWith(TAKEN) ? path : `${path.slice(0, -OPEN.length)}${TAKEN}`;
    if (taken !== path) await rename(path, taken);
    const bytes = await cutTornLine(taken);
    if (bytes === 0) await rm(taken);
    else await this.name(taken);
    this.log.info({ file: path, bytes }, 'recovered a file that an earlier process left open');
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
