import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, textOf } from '../repository.js';

const OTHERS = /^(node_modules|dist|\..*)$/;
const pagesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => {
    if (OTHERS.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pagesIn(path) : path.endsWith('.md') ? [path] : [];
  });

/** Every page of the repository, by its path. */
export const PAGES = pagesIn('.').sort();

/** Pages that people follow: all but what is told of the past. */
export const GUIDES = PAGES.filter((page) => !/^docs\/adr\/|CHANGELOG/.test(page));

/** The folders of what is published. */
export const PUBLISHED = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(pathOf(folder))
    .map((name) => `${folder}/${name}`)
    .filter(
      (path) => existsSync(pathOf(`${path}/package.json`)) && !JSON.parse(textOf(`${path}/package.json`)).private,
    ),
);

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** The line of its fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What the fence says beside the language: ```ts run. */
  readonly marks: string;
  readonly text: string;
}

/** The fenced blocks of a page, without the indentation of their fence. */
export const blocksOf = (page: string): Block[] => {
  const text = textOf(page);
  return [...text.matchAll(/^( *)```(\w*) *(.*)\n((?:.*\n)*?)\1```$/gm)].map((found) => {
    const [, indent = '', language = '', marks = '', body = ''] = found;
    return {
      page,
      line: text.slice(0, found.index).split('\n').length,
      language,
      marks,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
};
