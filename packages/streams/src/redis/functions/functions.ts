import type { Redis } from 'ioredis';
import { Unavailable } from '../../errors.js';
import { monotonicMs } from '../../time/interval.js';
import { type Connection, isFull } from '../connection/connection.js';
import { settledOfPrimaries } from '../connection/primaries.js';
import type { FunctionLibrary } from './library.js';
import type { FunctionName } from './streams-library.js';

/** So long after a full Redis refused the library it is not asked to take it again. */
const FULL_FOR_MS = 1000;
/** So long after Redis said that this user may load no library, a call looks whether another client has. */
const LOOK_AGAIN_MS = 10_000;

type Args = readonly (string | number)[];

/**
 * Calls a library's functions, and loads the library where a call says that it is not there. A Redis that is full takes no
 * library: there those that may run all the same, as they empty it, are sent as a script until it has room. A user that may
 * load none sends all of them as a script, which runs with that user's rights and no other's, until somebody has loaded it.
 */
export class Functions<Name extends string = FunctionName> {
  private loading: Promise<Error | undefined> | undefined;
  private wasThere = false;
  /** By the clock of `monotonicMs`. */
  private scriptsUntil = 0;
  private mayLoad = true;
  /** Those whose commands this user may run: asked before the first call of each. */
  private readonly allowed = new Set<Name>();

  constructor(
    private readonly redis: Connection,
    private readonly library: FunctionLibrary<Name>,
    /** Told when the library was lost. */
    private readonly onNotice: (notice: string) => void = () => undefined,
  ) {}

  /** Rejects with `Unavailable` if Redis is away, full and the function would fill it further, or if it runs what this user may not. */
  async call(name: Name, keys: readonly string[], args: Args): Promise<unknown> {
    if (!this.allowed.has(name)) await this.allow(name, keys);
    return this.run(name, keys, args);
  }

  private async allow(name: Name, keys: readonly string[]): Promise<void> {
    const denied = (await this.run('denied', keys, this.library.commandsOf(name))) as string[];
    if (denied.length > 0) {
      throw new Unavailable(
        `Redis: this user may not run ${denied.join(', ')}, which the Function ${name} needs; allow ${denied.length > 1 ? 'them' : 'it'}`,
      );
    }
    this.allowed.add(name);
  }

  private async run(name: Name | 'denied', keys: readonly string[], args: Args): Promise<unknown> {
    const isScript = this.scriptsUntil > 0 && (this.library.runsWhenFull(name) || !this.mayLoad);
    if (isScript && monotonicMs() < this.scriptsUntil) return this.script(name, keys, args);
    try {
      const answer = await this.fcall(name, keys, args);
      this.wasThere = true;
      this.scriptsUntil = 0;
      return answer;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const wasThere = this.wasThere;
    this.wasThere = false;
    const full = this.mayLoad ? await this.load() : undefined;
    if (full !== undefined && isDenied(full)) this.refuseToLoad();
    if (!this.mayLoad) {
      this.scriptsUntil = monotonicMs() + LOOK_AGAIN_MS;
      return this.script(name, keys, args);
    }
    if (wasThere) this.onNotice('Function library missing in Redis: reloaded');
    try {
      return await this.fcall(name, keys, args);
    } catch (error) {
      if (full === undefined || !isMissing(error)) throw error;
    }
    if (!this.library.runsWhenFull(name)) throw full;
    const answer = await this.script(name, keys, args).catch((error: Error) => {
      // A user that may run no scripts waits until there is room.
      throw isDenied(error) ? full : error;
    });
    this.scriptsUntil = monotonicMs() + FULL_FOR_MS;
    return answer;
  }

  private refuseToLoad(): void {
    if (!this.mayLoad) return;
    this.mayLoad = false;
    this.onNotice(
      `Function library ${this.library.name} is not loaded and this user may not load it: sending its Functions as scripts`,
    );
  }

  private fcall(name: Name | 'denied', keys: readonly string[], args: Args): Promise<unknown> {
    return this.redis.call(this.library.onlyReads(name) ? 'FCALL_RO' : 'FCALL', [
      this.library.functionName(name),
      keys.length,
      ...keys,
      ...args,
    ]);
  }

  private async script(name: Name | 'denied', keys: readonly string[], args: Args): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args, name];
    const { text, sha } = this.library.scriptFor(name);
    return this.redis.call('EVALSHA', [sha, ...rest]).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return this.redis.call('EVAL', [text, ...rest]);
    });
  }

  /** Loads the library, and the texts of further ones, on every primary. Rejects where one does not take them. */
  async loadLibraries(further: readonly string[]): Promise<void> {
    for (const library of [this.library.source, ...further]) {
      const [first] = (await this.loadOnEach(library)).failed;
      if (first !== undefined) throw first;
    }
  }

  /** Gives why not, where a Redis is full, or this user may not. */
  private load(): Promise<Error | undefined> {
    this.loading ??= this.loadEverywhere(this.library.source)
      .then(
        () => undefined,
        (error: Error) => {
          if (isFull(error) || isDenied(error)) return error;
          throw error;
        },
      )
      .finally(() => {
        this.loading = undefined;
      });
    return this.loading;
  }

  /** A primary that is away, or full, now is none of whom the next call asks, or that call says so. */
  private async loadEverywhere(library: string): Promise<void> {
    const { failed, primaries } = await this.loadOnEach(library);
    const full = failed.find(isFull);
    if (failed.length === primaries || full !== undefined) throw full ?? failed[0];
  }

  /** How many primaries there are, and why some did not take it. */
  private async loadOnEach(library: string): Promise<{ failed: readonly Error[]; primaries: number }> {
    const loaded = await settledOfPrimaries(this.redis, (primary) => loadOn(primary, library));
    const failed = loaded.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    return { failed, primaries: loaded.length };
  }
}

const loadOn = async (primary: Redis, library: string): Promise<void> => {
  try {
    await primary.call('FUNCTION', 'LOAD', library);
  } catch (cause) {
    const error = cause as Error;
    // Another process was first; the name is made of the content, so it is the same library.
    if (/already exists/i.test(error.message)) return;
    // A full Redis takes none, not even one that it has.
    if (!isFull(error) || !(await hasLibrary(primary, library))) throw error;
  }
};

const hasLibrary = async (primary: Redis, library: string): Promise<boolean> => {
  const [, name = ''] = /^#!lua name=(\w+)/.exec(library) ?? [];
  const found = await primary.call('FUNCTION', 'LIST', 'LIBRARYNAME', name).catch(() => []);
  return (found as unknown[]).length > 0;
};

/** Of Redis, whether it came by itself or as the cause of ours. */
const isDenied = ({ message }: Error): boolean => /^(Redis: )?NOPERM\b/.test(message);

const isMissing = (error: unknown): boolean => /Function not found/i.test((error as Error).message);
