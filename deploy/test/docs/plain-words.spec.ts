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
  [/\bin hand\b/, 'in flight'],
  [/\bin force\b/, 'live'],
  [/\bunder way\b/, 'in progress, in flight'],
  [/\bwhoever\b|\bsomebody\b/i, 'who it is: a client, a consumer, an operator'],
  [/\bfor good\b/, 'permanently'],
  [/\bnever was\b/, 'never existed'],
  [/\b[Tt]here is no (such|topic|sink|route|replay|redrive|endpoint|draft|key|schema)\b/, '… not found'],
  [/\bnobody['’]s\b|\bnever get fewer\b/, 'cannot decrease'],
  [/\bneighbours\b/, 'the other events'],
  [/\bgets less than it seems\b|\bwaiting for news\b/i, 'degraded, not updating since'],
  [/\bMost (events |requests )?a second\b/, 'maximum per second'],
];

/** More of them, which documentation may have where it does not speak of an error. */
const BANNED_IN_MESSAGES: typeof BANNED = [
  ...BANNED,
  [/; it takes\b|, takes (a|an|one)\b|\bit takes (a|an|one|the|letters|true|whole)\b/, 'X must be …, got …'],
  [/\b(is|are|was) not known\b/, 'unknown …, … not found'],
  [/\bnot seen\b|\bwas (last )?seen\b/, 'no heartbeat since'],
  [/\btaken in\b|\b(is|are) not taken\b|\bare taken\b/, 'accepted, supported, the limit is'],
];

/** More of them, which are names in the code. */
const BANNED_IN_DOCS: typeof BANNED = [
  ...BANNED,
  [/\bparked\b/, 'scheduled for retry'],
  [/\bwhat waits\b/i, 'queue, backlog'],
  [/\btaken in\b|\btakes? nothing in\b/, 'accepted'],
];

const sourcesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|test|testing|testkit)$/.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourcesIn(path) : /\.tsx?$/.test(path) ? [path] : [];
  });

/** What people read: texts in the code and on the page, not comments. */
const textsOf = (path: string): string[] => {
  const code = textOf(path)
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/^\s*(\/\/|--).*$/gm, '');
  const strings = [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|`(?:[^`\\]|\\.)*`/g)].map(([text]) => text);
  // Text between the tags of a page, which may go on over several lines.
  const shown = path.endsWith('.tsx')
    ? [...code.matchAll(/[>}]([^<>{}]*[a-z] [^<>{}]*)(?=[<{])/g)].map(([, text]) => text)
    : [];
  return [...strings, ...(shown as string[])].map((text) => text.replace(/\s+/g, ' '));
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

describe.each(BANNED_IN_MESSAGES)('%s', (phrase, better) => {
  it(`is in no message: ${better}`, () => {
    const found = [...sourcesIn('apps'), ...sourcesIn('packages')].flatMap((path) =>
      textsOf(path).flatMap((text) => (phrase.test(text) ? [`${path}: ${text.slice(0, 200)}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

/** Of them those that comments avoid as well. */
const BANNED_IN_COMMENTS: typeof BANNED = BANNED.filter(([{ source }]) =>
  /hand|told of|in force|under way|fares|manieth|mend|for good/.test(source),
);

describe.each(BANNED_IN_COMMENTS)('%s', (phrase, better) => {
  it(`is in no comment: ${better}`, () => {
    const found = [...sourcesIn('apps'), ...sourcesIn('packages')].flatMap((path) =>
      [...textOf(path).matchAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms)].flatMap(([comment]) =>
        phrase.test(comment) ? [`${path}: ${comment.slice(0, 200)}`] : [],
      ),
    );
    expect(found).toEqual([]);
  });
});
