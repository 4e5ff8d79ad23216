import { readFile, stat } from 'node:fs/promises';

/** A file that is read again when it changes. */
export class WatchedFile {
  private version = '';

  constructor(readonly path: string) {}

  /** Its text if it changed since the last call, else undefined. Rejects in one sentence where it cannot be read. */
  async changed(): Promise<string | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(this.path);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (version === this.version) return undefined;
      const text = await readFile(this.path, 'utf8');
      this.version = version;
      return text;
    } catch (error) {
      throw new Error(`${this.path}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
    }
  }
}
