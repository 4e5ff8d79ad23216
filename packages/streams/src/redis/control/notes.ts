import type { Functions } from '../functions/functions.js';

/**
 * Small writes that a full Redis takes, because what would empty it waits for them: who is registered, what decides, who
 * may read. Each writes one key. All methods reject with `Unavailable` where Redis is away.
 */
export class Notes {
  constructor(private readonly functions: Functions) {}

  /** Sets a field of a hash. */
  async put(key: string, field: string, value: string): Promise<void> {
    await this.functions.call('put', [key], [field, value]);
  }

  /** Adds to a set. */
  async enlist(key: string, members: readonly string[]): Promise<void> {
    if (members.length > 0) await this.functions.call('enlist', [key], members);
  }

  /** Adds a record, name, value, name, value…, to a stream that keeps about the newest `most`. */
  async log(key: string, most: number, fields: readonly (string | number)[]): Promise<void> {
    await this.functions.call('log', [key], [most, ...fields]);
  }

  /** Sets a text that is forgotten after so many milliseconds. */
  async publish(key: string, text: string, ms: number): Promise<void> {
    await this.functions.call('publish', [key], [text, ms]);
  }
}
