import { existsSync } from 'node:fs';
import { pathOf, textOf } from '../repository.js';
import { blocksOf, PUBLISHED } from './pages.js';

/** What the registry shows of a package: its page, and what its package.json says beside it. */
describe.each(PUBLISHED)('%s', (path) => {
  const manifest = JSON.parse(textOf(`${path}/package.json`));
  const page = `${path}/README.md`;

  it('says what it is', () => {
    expect(manifest).toMatchObject({ description: expect.stringMatching(/\S/), license: 'Apache-2.0' });
  });

  it('has a README that begins with its name, and says how to install it and how to use it', () => {
    expect(existsSync(pathOf(page))).toBe(true);
    expect(textOf(page).split('\n')[0]).toBe(`# ${manifest.name}`);
    const [install, example] = blocksOf(page);
    expect(install?.text).toMatch(new RegExp(`^npm install .*${manifest.name}\\b`));
    expect(example?.language).toBe('bin' in manifest ? 'sh' : 'ts');
  });
});

it('docs/packages.md names every package', () => {
  const page = textOf('docs/packages.md');
  expect(PUBLISHED.filter((path) => !page.includes(`](../${path})`))).toEqual([]);
});
