import type { Redis } from 'ioredis';
import { asUnavailable } from './connection.js';
import { type FunctionName, functionName, LIBRARY } from './library.js';

/** Calls the library's functions, and loads the library where a call says that it is not there. */
export class Functions {
  private loading: Promise<unknown> | undefined;
  private wasThere = false;

  constructor(
    private readonly redis: Redis,
    /** Told when the library was lost. */
    private readonly onNotice: (notice: string) => void = () => undefined,
  ) {}

  /** Rejects with `Unavailable` if Redis is away or full. */
  async call(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      const answer = await this.fcall(name, keys, args);
      this.wasThere = true;
      return answer;
    } catch (error) {
      if (!/Function not found/i.test((error as Error).message)) throw asUnavailable(error);
    }
    if (this.wasThere) this.onNotice('the Function library was gone from Redis: loaded again');
    this.wasThere = false;
    await this.load();
    return this.fcall(name, keys, args).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  private fcall(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.redis.call('FCALL', [functionName(name), keys.length, ...keys, ...args]);
  }

  private load(): Promise<unknown> {
    this.loading ??= this.redis
      .call('FUNCTION', 'LOAD', LIBRARY)
      .catch((error: Error) => {
        // Another process was first; the name is made of the content, so it is the same library.
        if (!/already exists/i.test(error.message)) throw asUnavailable(error);
      })
      .finally(() => {
        this.loading = undefined;
      });
    return this.loading;
  }
}
