import { Unavailable } from '@millrace/streams';
import type { Redis } from 'ioredis';
import { COMMANDS, type FunctionName, functionName, LIBRARY, SCRIPT, SCRIPT_SHA } from './library.js';

/** So long after Redis said that this user may load no library, a call looks whether another client has. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Calls the library's functions, and loads the library where a call says that it is not there; a user that may load none sends
 * them as a script until another client has. Where this user may not run a
 * command of theirs, the error is `Unavailable` and has its name.
 */
export class FunctionsCaller {
  private loading: Promise<void> | undefined;
  private scriptsUntil = 0;
  private mayLoad = true;

  constructor(private readonly redis: Redis) {}

  async call(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.loaded(name, keys, args);
    } catch (error) {
      if (!isDenied(error)) throw error;
      const denied = (await this.loaded('denied', keys, COMMANDS)) as string[];
      if (denied.length === 0) throw error;
      const message = `Redis: NOPERM this user may not run ${denied.join(', ')} in Functions: allow it`;
      throw new Unavailable(message, { cause: error });
    }
  }

  private async loaded(
    name: FunctionName,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    if (performance.now() < this.scriptsUntil) return this.script(name, keys, args);
    try {
      return await this.fcall(name, keys, args);
    } catch (error) {
      if (!/Function not found/i.test((error as Error).message)) throw error;
    }
    if (this.mayLoad) await this.loadUnlessDenied();
    if (this.mayLoad) return this.fcall(name, keys, args);
    this.scriptsUntil = performance.now() + LOOK_AGAIN_MS;
    return this.script(name, keys, args);
  }

  private fcall(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.redis.call('FCALL', functionName(name), keys.length, ...keys, ...args);
  }

  private script(name: FunctionName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args, name];
    return this.redis.call('EVALSHA', SCRIPT_SHA, ...rest).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return this.redis.call('EVAL', SCRIPT, ...rest);
    });
  }

  private async loadUnlessDenied(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.mayLoad = false;
    }
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

/** Whether it is the error of a command, or of a Function's command, that this user may not run. */
const isDenied = (error: unknown): boolean =>
  /^(Redis: )?NOPERM|can't run this command|ACL failure in script|Unknown Redis command/i.test(
    (error as Error).message,
  );
