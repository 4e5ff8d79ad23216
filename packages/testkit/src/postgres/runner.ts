import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** The user that Postgres runs as where we are root, which it refuses to be. */
export interface Runner {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY = 'nobody';
// What nobody is where the list of users does not say.
const USUAL: Runner = { uid: 65_534, gid: 65_534 };

/** `nobody` where we are root; elsewhere undefined, and Postgres runs as ourselves. */
export const runnerOf = (): Runner | undefined => (process.getuid?.() === 0 ? nobody() : undefined);

const nobody = (): Runner => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${NOBODY}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : USUAL;
};

/** The first folder above `path`, or itself, that the runner may not pass through. */
export const barrier = (path: string, runner: Runner | undefined): string | undefined => {
  if (!runner) return undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && found.uid !== runner.uid && (found.mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
};

/** A temporary folder that the runner can get to: TMPDIR may be below root's own 0700 folder. */
export const reachableTemp = (runner: Runner | undefined): string =>
  [tmpdir(), '/tmp', '/var/tmp'].find((folder) => barrier(folder, runner) === undefined) ?? tmpdir();
