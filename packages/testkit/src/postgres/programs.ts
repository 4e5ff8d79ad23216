import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { chmod, cp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { placeOnce } from './place-once.js';
import type { PlatformPackage } from './platform-package.js';

/** Where Postgres's programs lie ready to run, for each user. */
export interface Programs {
  /** Ours alone: holds `native` and the template data folder. */
  readonly home: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Copies the package's programs (60 MB) to a folder that every user can read, once for a version and user. The package
 * itself will not do: it may be below a 0700 folder, and without install scripts its libraries' links are missing.
 */
export const placePrograms = async ({ version, native }: PlatformPackage, temp: string): Promise<Programs> => {
  const home = join(temp, `millrace-postgres-${version}-${process.getuid?.() ?? 'user'}`);
  ownFolder(home);
  const placed = join(home, 'native');
  // Looked at only if it is there: what another process places meanwhile must stay.
  if (existsSync(placed) && !(await isWhole(placed))) await rm(placed, { recursive: true, force: true });
  await placeOnce(placed, (folder) => copyPrograms(native, folder));
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    home,
    initdb: join(placed, 'bin', `initdb${suffix}`),
    postgres: join(placed, 'bin', `postgres${suffix}`),
  };
};

/**
 * Makes the folder, or checks that the one that is there is ours: in a shared temporary folder anybody can make one of
 * that name first and leave programs in it.
 */
const ownFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (process.platform === 'win32') return;
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that only you can write to: remove it, or set TMPDIR to one of yours`);
  }
  chmodSync(folder, 0o755); // Whatever the umask was.
};

// A temporary folder loses old files one by one on some systems: how many there should be is written beside them.
const COUNT = 'millrace-count';

const isWhole = async (folder: string): Promise<boolean> => {
  try {
    const [names, count] = await Promise.all([
      readdir(folder, { recursive: true }),
      readFile(join(folder, COUNT), 'utf8'),
    ]);
    return names.length === Number(count);
  } catch {
    return false;
  }
};

const copyPrograms = async (native: string, folder: string): Promise<void> => {
  await cp(native, folder, { recursive: true, verbatimSymlinks: true });
  await makeLinks(folder);
  await makeReadable(folder);
  await writeFile(join(folder, COUNT), String((await readdir(folder, { recursive: true })).length + 1));
};

const makeLinks = async (folder: string): Promise<void> => {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Paths start with `native/`; a link and its source are neighbours.
    const link = join(dirname(folder), target.replace(/^native/, basename(folder)));
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

// Whatever the umask was.
const makeReadable = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
};
