import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { pathOf, textOf } from '../repository.js';
import { PAGES } from './pages.js';

const withoutCode = (text: string): string => text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, 'code');

/** Names of a page's headings in links, as GitHub makes them. */
const anchorsOf = (page: string): Set<string> => {
  const headings = [
    ...textOf(page)
      .replace(/^```.*?^```/gms, '')
      .matchAll(/^#{1,6} +(.+)$/gm),
  ];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
};

describe.each(PAGES)('%s', (page) => {
  const links = [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const ours = links.filter((link) => !/^[a-z]+:/.test(link));

  it('links to files and headings that there are', () => {
    const broken = ours.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(pathOf(target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

it('every page of docs is reached from its index', () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page) || !PAGES.includes(page)) return;
    reached.add(page);
    for (const [, link = ''] of withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!/^[a-z]+:/.test(link)) visit(normalize(join(dirname(page), link.split('#')[0] ?? '')));
    }
  };
  visit('README.md');
  const guides = PAGES.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/adr/'));
  expect(guides.filter((page) => !reached.has(page))).toEqual([]);
});
