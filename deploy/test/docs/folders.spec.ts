import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, textOf } from '../repository.js';
import { blocksOf } from './pages.js';

/** A line of a drawing in docs/folders.md. */
interface Line {
  readonly folder: string;
  /** Folders further up in the drawing that it may import all the same: `↑ name/`. */
  readonly upwards: readonly string[];
}

/** Each drawing: the folder that it is of, and those in it, from the top. */
const DRAWINGS = blocksOf('docs/folders.md').flatMap(({ text }) => {
  const drawings: { root: string; lines: Line[] }[] = [];
  for (const line of text.split('\n')) {
    const [, branch, name] = /^( [├└]─ )?(\S+)\/ /.exec(line) ?? [];
    if (name === undefined) continue;
    if (branch === undefined) drawings.push({ root: name, lines: [] });
    const root = drawings.at(-1)?.root ?? '';
    const upwards = [...line.matchAll(/↑ (\S+)\//g)].map(([, above = '']) => join(root, above));
    drawings.at(-1)?.lines.push({ folder: branch === undefined ? root : join(root, name), upwards });
  }
  return drawings;
});
const DRAWN = DRAWINGS.flatMap(({ lines }) => lines.map(({ folder }) => folder));

const foldersIn = (folder: string): string[] => [
  folder,
  ...readdirSync(pathOf(folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => foldersIn(join(folder, name))),
];
const filesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));

const SOURCES = ['packages', 'apps', 'tools']
  .flatMap((group) =>
    readdirSync(pathOf(group)).flatMap((name) => [`${group}/${name}/src`, `${group}/${name}/web/src`]),
  )
  .filter((folder) => existsSync(pathOf(folder)))
  .flatMap(foldersIn);

describe('docs/folders.md', () => {
  it('names folders that exist, each once', () => {
    expect(DRAWN.filter((folder, index) => !existsSync(pathOf(folder)) || DRAWN.indexOf(folder) < index)).toEqual([]);
  });

  it('names every folder of the source with more than one file', () => {
    expect(SOURCES.filter((folder) => filesIn(folder).length > 1 && !DRAWN.includes(folder))).toEqual([]);
  });

  it.each(DRAWINGS.filter(({ lines }) => lines.length > 2))(
    '$root: folders import those below them',
    ({ root, lines }) => {
      const [, ...order] = lines;
      const ups = order.flatMap(({ folder }, at) =>
        filesIn(folder).flatMap((file) =>
          [...textOf(join(folder, file)).matchAll(/ from '(\.[^']+)'/g)].flatMap(([, path = '']) => {
            const imported = join(folder, path, '..');
            const place = order.findIndex((line) => line.folder === imported);
            const marked = order[at]?.upwards.some((above) => `${imported}/`.startsWith(`${above}/`));
            return imported !== root && place < at && !marked ? [`${folder}/${file}: ${path}`] : [];
          }),
        ),
      );
      expect(ups).toEqual([]);
    },
  );
});
