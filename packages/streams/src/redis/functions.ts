import { asUnavailable, type Connection } from './connection.js';
import { type FunctionName, functionName, LIBRARY } from './library.js';
import { primariesOf } from './primaries.js';

/** Calls the library's functions, and loads the library where a call says that it is not there. */
export class Functions {
  private loading: Promise<unknown> | undefined;
  private wasThere = false;

  constructor(
    private readonly redis: Connection,
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
    this.loading ??= this.loadEverywhere()
      .catch((error: unknown) => {
        throw asUnavailable(error);
      })
      .finally(() => {
        this.loading = undefined;
      });
    return this.loading;
  }

  /** A primary that is away now is none of whom the next call asks, or that call says so. */
  private async loadEverywhere(): Promise<void> {
    const primaries = await primariesOf(this.redis);
    const loaded = await Promise.allSettled(primaries.map((primary) => primary.call('FUNCTION', 'LOAD', LIBRARY)));
    // Another process was first; the name is made of the content, so it is the same library.
    const failed = loaded.filter((one) => one.status === 'rejected' && !/already exists/i.test(String(one.reason)));
    if (failed.length === loaded.length) throw (failed[0] as PromiseRejectedResult).reason;
  }
}
