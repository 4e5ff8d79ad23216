import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** The end of the name of a file that is still written to. */
export const OPEN = '.part';

/** A file of a topic that is written to: lines are appended, and are on the disk when `append` resolves. */
export class TopicFile {
  private constructor(
    /** With `.part`. */
    readonly path: string,
    private readonly handle: FileHandle,
    private size: number,
    /** `performance.now()` of its first event. */
    private beganAt: number | undefined,
  ) {}

  /** Makes a file. Rejects where there is one of that name. */
  static async create(path: string): Promise<TopicFile> {
    return new TopicFile(path, await open(path, 'ax'), 0, undefined);
  }

  get bytes(): number {
    return this.size;
  }

  /** Milliseconds since its first event; 0 where it has none. */
  ageAt(now: number): number {
    return this.beganAt === undefined ? 0 : now - this.beganAt;
  }

  /**
   * Writes whole lines and waits for the disk. Where that fails, what was written of them is taken back; rejects with the
   * file system's error.
   */
  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      await this.handle.appendFile(bytes);
      await this.handle.datasync();
    } catch (error) {
      await this.handle.truncate(this.size).catch(() => undefined); // The first error says more.
      throw error;
    }
    this.size += bytes.length;
    this.beganAt ??= performance.now();
  }

  /** Closes it and gives it its name. An empty one goes. */
  async finish(compress: 'none' | 'gzip'): Promise<void> {
    await this.handle.close();
    if (this.size === 0) await rm(this.path, { force: true });
    else await finishFile(this.path, compress);
  }
}

/** Gives a closed file its name, in one step: whoever sees the name sees all of the file. */
export const finishFile = async (path: string, compress: 'none' | 'gzip'): Promise<void> => {
  const finished = path.slice(0, -OPEN.length);
  if (compress === 'none') await rename(path, finished);
  else {
    const packed = `${finished}.gz`;
    // Hidden until it is whole; one that a crash left is written over.
    const hidden = join(dirname(packed), `.${basename(packed)}`);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(hidden, { flush: true }));
    await rename(hidden, packed);
    await rm(path);
  }
  await syncFolder(dirname(finished));
};

/** The names in a folder are on the disk. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
};

/** Takes away what stands behind the last whole line: the process died while it wrote. Gives the bytes that are left. */
export const cutTornLine = async (path: string): Promise<number> => {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const end = await endOfLastLine(file, size);
    if (end < size) await file.truncate(end);
    await file.sync();
    return end;
  } finally {
    await file.close();
  }
};

const CHUNK = 65_536;
const LINE_END = 0x0a;

const endOfLastLine = async (file: FileHandle, size: number): Promise<number> => {
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - CHUNK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(LINE_END);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
};
