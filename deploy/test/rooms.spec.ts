import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './repository.js';

const MOST_FILES = 15;

/** Lists of one kind, as long as what they list: commands, Functions, controls of the page, areas of the API. */
const LISTS = [
  'apps/cli/src/commands',
  'apps/console/web/src/ui',
  'packages/admin-api/src/areas',
  'packages/streams/src/redis/functions/lua',
];

const foldersIn = (folder: string): { folder: string; files: number }[] => {
  const entries = readdirSync(pathOf(folder), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).length;
  const inner = entries.filter((entry) => entry.isDirectory() && !/^(node_modules|dist|\.turbo)$/.test(entry.name));
  return [{ folder, files }, ...inner.flatMap(({ name }) => foldersIn(join(folder, name)))];
};

describe('a folder', () => {
  it(`has at most ${MOST_FILES} files of its own, unless it is a list of one kind`, () => {
    const crowded = ['apps', 'packages', 'tools', 'bench', 'deploy']
      .flatMap(foldersIn)
      .filter(({ files, folder }) => files > MOST_FILES && !LISTS.includes(folder));
    expect(crowded).toEqual([]);
  });
});
