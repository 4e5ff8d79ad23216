/** Fails where the lock file has a package of others without the hash of what it is. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const lock = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
const without = Object.entries(packages)
  .filter(([path, { link, integrity }]) => path.includes('node_modules/') && !link && !/^sha512-/.test(integrity ?? ''))
  .map(([path]) => path);
for (const path of without) process.stderr.write(`integrity: ${path} has no sha512 in package-lock.json\n`);
process.exit(without.length === 0 ? 0 : 1);
