/** Fails where the lock file has a package of others without the hash of what it is, or one that refuses our oldest Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import semver from 'semver';

const root = new URL('../../', import.meta.url);
const jsonOf = (file) => JSON.parse(readFileSync(fileURLToPath(new URL(file, root)), 'utf8'));

const { version: oldestNode } = semver.minVersion(jsonOf('package.json').engines.node);
const ofOthers = Object.entries(jsonOf('package-lock.json').packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
);

const withoutHash = ofOthers
  .filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))
  .map(([path]) => `${path} has no sha512 in package-lock.json`);

/**
 * `npm ci` would warn of each, as its first words to a newcomer. An older version that `overrides` names mends it. js-redis-server
 * and lua-redis-wasm ask for Node 22 without a need: all tests that use them run on the oldest Node. So they have no `engines` in
 * the lock file, and npm does not warn; take it out again after an update.
 */
const refusing = ofOthers
  .filter(([, { engines }]) => engines?.node !== undefined && !semver.satisfies(oldestNode, engines.node))
  .map(([path, { engines }]) => `${path} asks for Node ${engines.node}; ours is ${oldestNode} and later`);

const faults = [...withoutHash, ...refusing];
for (const fault of faults) process.stderr.write(`package-lock.json: ${fault}\n`);
process.exit(faults.length === 0 ? 0 : 1);
