import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Api } from './api.js';
import { type Output, tableOf } from './output.js';

/** What a command was given cannot be used: a file, a profile. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command is called with, beside its own options. */
export interface Surroundings {
  readonly output: Output;
  readonly variable: (name: string) => string | undefined;
  readonly readInput: () => Promise<string>;
}

interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

const DEFAULT_URL = 'http://127.0.0.1:8090';

/** What every command works with: the API it asks, and how it answers. */
export class Context {
  private constructor(
    readonly api: Api,
    readonly surroundings: Surroundings,
    private readonly isJson: boolean,
  ) {}

  /** Flags come before the environment, and that before the profile. */
  static async of(command: Command, surroundings: Surroundings): Promise<Context> {
    const { url, key, profile, json = false } = command.optsWithGlobals<GlobalOptions>();
    const { variable } = surroundings;
    const stored = await readProfile(profile ?? variable('MILLRACE_PROFILE'), variable);
    const api = new Api({
      url: url ?? variable('MILLRACE_URL') ?? stored.url ?? DEFAULT_URL,
      key: key ?? variable('MILLRACE_API_KEY') ?? stored.key,
    });
    return new Context(api, surroundings, json);
  }

  /** The answer of a command: as JSON where that was asked for, else as `people` read it. */
  print(answer: unknown, people: () => string): void {
    this.surroundings.output.out(this.isJson ? JSON.stringify(answer, null, 2) : people());
  }

  table(
    answer: unknown,
    header: readonly string[],
    rows: readonly (readonly (string | number)[])[],
    none: string,
  ): void {
    this.print(answer, () => (rows.length === 0 ? none : tableOf(header, rows)));
  }

  /** The text of a file; `-` is standard input. Rejects with a `UsageError`. */
  async read(file: string): Promise<string> {
    if (file === '-') return this.surroundings.readInput();
    return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file}: cannot be read: ${error.code}`);
    });
  }
}

interface Profile {
  readonly url?: string;
  readonly key?: string;
}

/** A profile of `millrace.json` in the folder of configurations: `{"profiles":{"prod":{"url":…,"key":…}}}`. */
const readProfile = async (name: string | undefined, variable: Surroundings['variable']): Promise<Profile> => {
  if (name === undefined) return {};
  const file = join(variable('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'millrace.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`profile "${name}": ${file} cannot be read: ${error.code}`);
  });
  const profile = (parse(text, file) as { profiles?: Record<string, Profile> }).profiles?.[name];
  if (profile === undefined) throw new UsageError(`there is no profile "${name}" in ${file}`);
  return profile;
};

/** JSON of a file. Throws a `UsageError`. */
export const parse = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
};
