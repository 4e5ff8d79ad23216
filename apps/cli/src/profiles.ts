import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CliIo } from './cli-io.js';
import { UsageError } from './errors.js';

/** A console, and the key for it. */
export interface Profile {
  readonly url?: string;
  readonly key?: string;
}

export interface Profiles {
  /** The profile that is used where none is named. */
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The profiles in `millrace.json` of the folder of configurations, readable by its owner alone. */
export class ProfileFile {
  readonly path: string;

  constructor(variable: CliIo['variable']) {
    this.path = join(variable('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'millrace.json');
  }

  /** All of them; none where there is no file. Rejects with a `UsageError`. */
  async all(): Promise<Profiles> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw new UsageError(`${this.path} cannot be read: ${error.code}`);
    });
    return read(text, this.path);
  }

  /** Rejects with a `UsageError` where there is none of that name. */
  async one(name: string): Promise<Profile> {
    const { profiles } = await this.all();
    if (!Object.hasOwn(profiles, name)) throw new UsageError(`there is no profile "${name}" in ${this.path}`);
    return profiles[name] as Profile;
  }

  /** The one that is used where none is named; an empty one where that is not said. */
  async current(): Promise<Profile> {
    const { current } = await this.all();
    return current === undefined ? {} : this.one(current);
  }

  async set(name: string, profile: Profile): Promise<void> {
    if (!NAME.test(name)) {
      throw new UsageError(
        `"${name}" is not a valid profile name; expected up to 64 letters, digits, ".", "_" and "-"`,
      );
    }
    const all = await this.all();
    await this.write({ ...all, profiles: { ...all.profiles, [name]: profile } });
  }

  async remove(name: string): Promise<void> {
    await this.one(name);
    const { current, profiles } = await this.all();
    const { [name]: _, ...rest } = profiles;
    await this.write({ ...(current === undefined || current === name ? {} : { current }), profiles: rest });
  }

  /** Uses it where none is named; without a name, none. */
  async use(name: string | undefined): Promise<void> {
    if (name !== undefined) await this.one(name);
    const { profiles } = await this.all();
    await this.write({ ...(name === undefined ? {} : { current: name }), profiles });
  }

  /** Whole or not at all, and never readable by others, not for a moment. */
  private async write(all: Profiles): Promise<void> {
    const fresh = `${this.path}.${process.pid}`;
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await writeFile(fresh, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(fresh, this.path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw new UsageError(`${this.path} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isProfile = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((member) => typeof member === 'string');

const read = (text: string, path: string): Profiles => {
  let file: { current?: unknown; profiles?: unknown };
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${(error as Error).message}`);
  }
  const { current, profiles = {} } = isObject(file) ? file : {};
  const isValid = isObject(file) && isObject(profiles) && Object.values(profiles).every(isProfile);
  if (!isValid || !(current === undefined || typeof current === 'string')) {
    throw new UsageError(`${path}: expected {"current":"prod","profiles":{"prod":{"url":"…","key":"…"}}}`);
  }
  return { ...(current === undefined ? {} : { current }), profiles: profiles as Readonly<Record<string, Profile>> };
};
