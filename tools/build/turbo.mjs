/** Turbo without telemetry, version banner and update notes. As a program it passes its arguments on: `turbo.mjs boundaries`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const turbo = fileURLToPath(new URL('../../node_modules/turbo/bin/turbo', import.meta.url));

const QUIET = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_PRINT_VERSION_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

/** Starts it at the root of the repository. */
export const startTurbo = (args, stdio) =>
  spawn(process.execPath, [turbo, ...args], { cwd: root, stdio, env: { ...process.env, ...QUIET } });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [code] = await once(startTurbo(process.argv.slice(2), 'inherit'), 'close');
  process.exitCode = code ?? 1;
}
