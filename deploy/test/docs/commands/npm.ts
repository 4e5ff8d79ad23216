import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, textOf } from '../../repository.js';
import { PUBLISHED } from '../pages.js';
import { demand, demandPath, type Surroundings } from './surroundings.js';

const manifestOf = (folder: string): { readonly scripts?: Record<string, string>; readonly name?: string } =>
  existsSync(pathOf(`${folder}/package.json`)) ? JSON.parse(textOf(`${folder}/package.json`)) : {};

const published = new Set(PUBLISHED.map((path) => manifestOf(path).name));
const locked = Object.keys(JSON.parse(textOf('package-lock.json')).packages);

const sourcesBelow = (path: string): string =>
  statSync(pathOf(path)).isDirectory()
    ? readdirSync(pathOf(path), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|mjs)$/.test(name))
        .map((name) => textOf(join(path, name)))
        .join('\n')
    : textOf(path);

/** The sources of the program that a script runs last. */
const programOf = (script: string): string => {
  const [path = ''] = script.match(/\S+\.m?js\b/g)?.slice(-1) ?? [];
  return sourcesBelow(path.replace(/\/dist\/.*/, '/src'));
};

/** Throws where a program's sources do not speak of an option. */
const demandOption = (sources: string, word: string): void => {
  const name = word.replace(/^--/, '').replace(/=.*/s, '');
  const isThere = new RegExp(`--${name}\\b|'?\\b${name}'?: \\{ type:`).test(sources);
  demand(isThere, `the program has no option --${name}`);
};

/** Throws where a program of the repository does not speak of one of these options. */
export const demandOptions = (path: string, args: readonly string[]): void => {
  for (const word of args) if (word.startsWith('--')) demandOption(textOf(path), word);
};

/** Packages of ours that are published, and others that something of ours needs. */
const checkInstall = (args: readonly string[]): void => {
  for (const word of args.filter((one) => !/^[-./]/.test(one))) {
    if (word.startsWith('@millrace/')) demand(published.has(word), `${word} is not published`);
    else
      demand(
        locked.some((path) => path.endsWith(`node_modules/${word}`)),
        `nothing of ours needs ${word}`,
      );
  }
};

/** `npm …`: scripts that there are, with arguments that they take. */
export const checkNpm = (args: readonly string[], surroundings: Surroundings): void => {
  const [verb = '', ...rest] = args;
  if (verb === 'ci' || verb === 'link') return;
  if (verb === 'install') {
    checkInstall(rest);
    return;
  }
  if (verb === 'pack') {
    for (const path of rest.filter((one) => one.startsWith('./'))) demandPath(path.replace('*', ''), surroundings);
    return;
  }
  const script = verb === 'run' ? (rest.shift() ?? '') : verb;
  const workspace = rest.indexOf('-w');
  const folders = workspace < 0 ? surroundings.folders : [rest[workspace + 1] as string];
  const text = folders.map((folder) => manifestOf(folder).scripts?.[script]).find((one) => one !== undefined);
  if (text === undefined) throw new Error(`there is no script ${script}`);
  const given = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : [];
  if (script === 'new:sink') surroundings.services.add(`sink-${given[0]}`);
  else if (script === 'test') for (const path of given) demandPathOrNew(path, surroundings);
  else for (const word of given.filter((one) => one.startsWith('--'))) demandOption(programOf(text), word);
  const filtered = given.map((word) => /^--filter=(@millrace\/.*)$/.exec(word)?.[1]).filter((one) => one !== undefined);
  for (const name of filtered) demand(locked.includes(`node_modules/${name}`), `there is no package ${name}`);
};

/** A folder of the repository, or of a sink that the page has made. */
export const demandPathOrNew = (path: string, surroundings: Surroundings): void => {
  const app = /^apps\/([\w-]+)/.exec(path)?.[1];
  if (app === undefined || !surroundings.services.has(app)) demandPath(path, surroundings);
};
