import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo } from '../cli-io.js';
import { UsageError } from '../errors.js';

/** Lets somebody change a text in the editor of VISUAL or EDITOR. Rejects with a `UsageError` where that fails. */
export const edit = async (text: string, variable: CliIo['variable']): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-')); // 0700: what an event holds is private.
  const file = join(folder, 'event.json');
  try {
    await writeFile(file, text, { mode: 0o600 });
    await run(variable('VISUAL') ?? variable('EDITOR') ?? 'vi', file);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** As git and others do it: the editor may be a command line, as `code --wait`, so a shell reads it. */
const run = (editor: string, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, file], { stdio: 'inherit' });
    child.once('error', (error) => reject(new UsageError(`${editor} cannot be run: ${error.message}`)));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new UsageError(`${editor} ended with ${signal ?? `code ${code}`}; nothing was changed`));
    });
  });
