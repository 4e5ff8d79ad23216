import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redisProgram } from '../src/index.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OWNER = 'packages/testkit/src/redis/native.ts';
/** A server that is looked for on the PATH, or started by its name, by whoever it is. */
const NAMED = /(programOnPath|spawn|spawnSync|exec|execSync|execFile|execFileSync)\(\s*['"`](redis|valkey)-server\b/;

const sourcesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((path) => !/node_modules|\/dist\//.test(path));
};

describe('the Redis under test', () => {
  const chosen = process.env.MILLRACE_TEST_REDIS_SERVER;
  afterEach(() => {
    if (chosen === undefined) delete process.env.MILLRACE_TEST_REDIS_SERVER;
    else process.env.MILLRACE_TEST_REDIS_SERVER = chosen;
  });

  it('is the one that MILLRACE_TEST_REDIS_SERVER names, whatever is on the PATH', () => {
    process.env.MILLRACE_TEST_REDIS_SERVER = '/opt/valkey/bin/valkey-server';
    expect(redisProgram()).toBe('/opt/valkey/bin/valkey-server');
  });

  // A server that is found on the PATH beside the one that was chosen passes as if the chosen one had been tried.
  it('is chosen in one place', async () => {
    const folders = ['apps', 'packages', 'tools', 'bench', 'deploy'];
    const paths = (await Promise.all(folders.map(sourcesIn))).flat();
    const choosing: string[] = [];
    for (const path of paths) if (NAMED.test(await readFile(join(ROOT, path), 'utf8'))) choosing.push(path);
    expect(choosing).toEqual([OWNER]);
  });
});
