import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placeOnce } from './place-once.js';
import type { Programs } from './programs.js';
import type { Runner } from './runner.js';

const PASSWORD = 'millrace-password';

/** Nothing of the environment decides how Postgres runs (PGDATA, PGPORT, LC_ALL, …). */
export const POSTGRES_ENV: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes `folder` a data folder unless it is one: a copy of a template that initdb fills once for each version (it
 * takes a second or more). Gives the superuser's password, random for each template, kept in the folder.
 */
export const prepareDataFolder = async (programs: Programs, folder: string, runner?: Runner): Promise<string> => {
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    const template = join(programs.home, 'template');
    await placeOnce(template, (made) => initdb(programs, made, runner));
    await copyTemplate(template, folder, runner);
  }
  return readFile(join(folder, PASSWORD), 'utf8').catch((cause: Error) => {
    throw new Error(`${folder} is a Postgres data folder, but not one of ours: ${PASSWORD} is missing in it`, {
      cause,
    });
  });
};

// PG_VERSION comes last: a folder that has it is whole.
const copyTemplate = async (template: string, folder: string, runner?: Runner): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await cp(template, folder, { recursive: true, filter: (source) => source !== join(template, 'PG_VERSION') });
  await cp(join(template, 'PG_VERSION'), join(folder, 'PG_VERSION.part'));
  await chmod(folder, 0o700);
  await giveTo(folder, runner);
  await rename(join(folder, 'PG_VERSION.part'), join(folder, 'PG_VERSION'));
};

const initdb = async ({ initdb: program }: Programs, folder: string, runner?: Runner): Promise<void> => {
  await mkdir(folder, { mode: 0o700 });
  const data = join(folder, 'data');
  const password = join(folder, PASSWORD);
  await writeFile(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
  await giveTo(folder, runner);
  const args = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(program, [...args, `--pwfile=${password}`, `--pgdata=${data}`], {
    cwd: '/',
    env: POSTGRES_ENV,
    ...runner,
  }).catch((cause: Error & { stderr?: string }) => {
    throw new Error(`initdb failed: ${(cause.stderr || cause.message).trim()}`, { cause });
  });
  for (const name of await readdir(data)) await rename(join(data, name), join(folder, name));
  await rm(data, { recursive: true });
  // As a template it belongs to us again: what runs as nobody cannot change what others will copy.
  await giveTo(folder, runner && { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
};

const giveTo = async (folder: string, owner?: Runner): Promise<void> => {
  if (!owner) return;
  const entries = await readdir(folder, { recursive: true });
  await Promise.all(
    [folder, ...entries.map((name) => join(folder, name))].map((path) => chown(path, owner.uid, owner.gid)),
  );
};
