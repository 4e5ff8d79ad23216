import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf, textOf } from '../repository.js';
import { GUIDES } from './pages.js';

/** Phrases of our own making, and the field's for them (docs/glossary.md). Add one wherever a reader has to ask what it means. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bhand(s|ed|ing)? back\b/, 'release'],
  [/\bmend(s|ed|ing)?\b/, 'fix'],
  [/\btold of\b/, 'reported'],
  [/\bto blame\b/, 'at fault'],
  [/\bgone for good\b/, 'removed, disabled'],
  [/\blower wins\b/, 'lower number runs first'],
  [/\ball that fit\b|\bevents? fits\b/, 'all that match; no matches'],
  [/\bit rests\b|\brests until\b/, 'retry paused until'],
  [/\bwhat (it|they) would do\b|\bwhat would go\b/, 'preview of the impact'],
  [/\bsettled everywhere\b/, 'delivered to all sinks'],
  [/\bnothing is sent to (it|them) any more\b/, 'endpoint removed; queue kept'],
  [/\b(hop|group|sink) gave up\b/, 'failed permanently'],
  [/\bin the hand\b/, 'in flight'],
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

/** More of them, which documentation avoids already. */
const BANNED_IN_DOCS: typeof BANNED = [
  ...BANNED,
  [/\bin hand\b/, 'in flight, pending'],
  [/\bparked\b/, 'scheduled for retry'],
  [/\bin force\b/, 'live'],
  [/\bwhoever\b|\bsomebody\b/i, 'who it is: a client, a consumer, an operator'],
  [/\bwhat waits\b/i, 'queue, backlog'],
  [/\btaken in\b|\btakes? nothing in\b/, 'accepted'],
  [/\bunder way\b/, 'in flight, in progress'],
  [/\bneighbours\b/, 'the other events'],
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

/** What people read of a page, paragraph by paragraph, without code. */
const proseOf = (page: string): string[] =>
  textOf(page)
    .replace(/^ *```.*?^ *```$/gms, '')
    .replace(/`[^`\n]*`/g, '')
    .split(/\n\n|\n(?=\||- )/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' '));

describe.each(BANNED_IN_DOCS)('%s', (phrase, better) => {
  it(`is in no documentation: ${better}`, () => {
    const found = GUIDES.flatMap((page) =>
      proseOf(page).flatMap((text) => {
        const at = text.search(phrase);
        return at < 0 ? [] : [`${page}: ${text.slice(Math.max(0, at - 80), at + 80)}`];
      }),
    );
    expect(found).toEqual([]);
  });
});

describe.each(BANNED)('%s', (phrase, better) => {
  it(`is in no message: ${better}`, () => {
    const found = [...sourcesIn('apps'), ...sourcesIn('packages')].flatMap((path) =>
      textsOf(path).flatMap((text) => (phrase.test(text) ? [`${path}: ${text.slice(0, 200)}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
