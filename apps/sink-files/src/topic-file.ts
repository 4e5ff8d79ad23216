import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** The end of the name of a file that is still written to. */
export const OPEN = '.part';
/** The end of the name of one that a process left, once another has taken it to finish it. */
export const TAKEN = `.left${OPEN}`;

/** A file of a topic that is written to: lines are appended, and are on the disk when `append` resolves. */
export class TopicFile {
  private constructor(
    /** With `.part`. */
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  private size = 0;
  /** `performance.now()` of its first event. */
  private beganAt: number | undefined;
  /** Behind `size` there is something: not all of what was to be appended, or nobody knows how much of it. */
  private isTorn = false;

  /** Makes a file, and its folder; both are on the disk when it resolves. Rejects where there is one of that name. */
  static async create(path: string): Promise<TopicFile> {
    await makeFolder(dirname(path));
    const handle = await open(path, 'ax');
    try {
      await syncFolder(dirname(path));
      return new TopicFile(path, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.size;
  }

  /** Milliseconds since its first event; 0 where it has none. */
  ageAt(now: number): number {
    return this.beganAt === undefined ? 0 : now - this.beganAt;
  }

  /**
   * Writes whole lines and waits for the disk. Where that fails, what was written of them is taken back, at the latest
   * before anything else happens to the file; rejects with the file system's error.
   */
  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.takeBack();
    this.isTorn = true;
    try {
      await this.handle.appendFile(bytes);
      await this.handle.datasync();
    } catch (error) {
      await this.takeBack().catch(() => undefined); // The first error says more.
      throw error;
    }
    this.isTorn = false;
    this.size += bytes.length;
    this.beganAt ??= performance.now();
  }

  /** Whether the file under its name is still this one. Somebody may have removed it, or its folder, or renamed it. */
  async isInPlace(): Promise<boolean> {
    const [own, there] = await Promise.all(
      [this.handle.stat({ bigint: true }), stat(this.path, { bigint: true })].map((one) => one.catch(() => undefined)),
    );
    return own !== undefined && own.ino === there?.ino && own.dev === there.dev;
  }

  /** No more lines. Gives how many bytes it has. Rejects, and stays open, where half a line cannot be taken back. */
  async close(): Promise<number> {
    await this.takeBack();
    await this.abandon();
    return this.size;
  }

  /** Closes it as it is. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => undefined); // Its lines are on the disk already.
  }

  private async takeBack(): Promise<void> {
    if (!this.isTorn) return;
    await this.handle.truncate(this.size);
    this.isTorn = false;
  }
}

/** Gives a closed file its name, in one step: whoever sees the name sees all of the file. */
export const finishFile = async (path: string, compress: 'none' | 'gzip'): Promise<void> => {
  const finished = path.slice(0, -(path.endsWith(TAKEN) ? TAKEN : OPEN).length);
  if (compress === 'none') await rename(path, finished);
  else {
    await pack(path, `${finished}.gz`);
    await rm(path);
  }
  await syncFolder(dirname(finished));
};

const pack = async (path: string, packed: string): Promise<void> => {
  // Hidden until it is whole; one that a crash left is written over.
  const hidden = join(dirname(packed), `.${basename(packed)}`);
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(hidden, { flush: true }));
    await rename(hidden, packed);
  } catch (error) {
    await rm(hidden, { force: true }).catch(() => undefined); // Where the disk is full, others need the room.
    throw error;
  }
  // Before the file that it was made of goes.
  await syncFolder(dirname(packed));
};

/** Makes a folder, and those above it that are missing; they are on the disk when it resolves. */
export const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
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
