import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, textOf } from '../repository.js';

/** Phrases of our own making, and the field's for them (docs/glossary.md). Add one wherever a reader has to ask what it means. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bhand(s|ed|ing)? back what\b/, 'release unacknowledged deliveries'],
  [/\b(is|was|be) there again\b/, 'reachable again'],
  [/Redis is there\b/, 'connected to Redis'],
  [/\basking again\b|\btrying again\b/, 'retrying'],
  [/\bstays? as (it|they) w(as|ere)\b/, 'keeping the last valid …'],
  [/\bwhoever raised\b|\btaken for dead\b/, 'partition increase abandoned, lease expired'],
  [/\bwas gone from\b|\bmade again\b/, 'missing; recreated'],
  [/\bhow (it|they) fares?\b/, 'status, progress'],
  [/\bhow manieth\b/, 'index, attempt number'],
  [/\bwhoever reaches this address\b/, 'authentication is disabled'],
  [/\bnobody can be asked here\b/, 'not a terminal; pass --yes'],
];

const sourcesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|test|web)$/.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourcesIn(path) : path.endsWith('.ts') ? [path] : [];
  });

/** What people read: texts in the code, not its comments. */
const textsOf = (path: string): string[] => {
  const code = textOf(path)
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g)].map(([text]) => text);
};

describe.each(BANNED)('%s', (phrase, better) => {
  it(`is in no message: ${better}`, () => {
    const found = [...sourcesIn('apps'), ...sourcesIn('packages')].flatMap((path) =>
      textsOf(path).flatMap((text) => (phrase.test(text) ? [`${path}: ${text.slice(0, 200)}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
