/** Writes what docs/cli.md says of the commands: `npm run docs -w apps/cli`. A test looks whether that was done. */
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';

register('../../tools/test-runner/typescript-hooks.mjs', import.meta.url);
const { programOf } = await import('./src/program.ts');
const { withReference } = await import('./src/reference.ts');

const nothing = {
  write: () => undefined,
  isTerminal: false,
  isColoured: false,
  size: () => ({ columns: 80, rows: 24 }),
};
const nowhere = { output: nothing, errors: nothing };

const file = new URL('../../docs/cli.md', import.meta.url);
writeFileSync(file, withReference(readFileSync(file, 'utf8'), programOf(nowhere)));
