import type { Redis } from 'ioredis';
import { type FunctionName, functionName, LIBRARY } from './library.js';

/** Calls the library's functions, and loads the library where a call says that it is not there. */
export class FunctionsCaller {
  private loading: Promise<void> | undefined;

  constructor(private readonly redis: Redis) {}

  async call(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.fcall(name, keys, args);
    } catch (error) {
      if (!/Function not found/i.test((error as Error).message)) throw error;
    }
    await this.load();
    return this.fcall(name, keys, args);
  }

  private fcall(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.redis.call('FCALL', functionName(name), keys.length, ...keys, ...args);
  }

  private load(): Promise<void> {
    this.loading ??= this.redis
      .call('FUNCTION', 'LOAD', LIBRARY)
      .then(
        () => undefined,
        (error: Error) => {
          // Another process was first; the name is made of the content, so it is the same library.
          if (!/already exists/i.test(error.message)) throw error;
        },
      )
      .finally(() => {
        this.loading = undefined;
      });
    return this.loading;
  }
}
