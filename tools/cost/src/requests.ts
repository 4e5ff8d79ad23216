import type { Random } from '@millrace/testkit';
import type { KEYS, Target } from './stack.js';
import { PAIRS_PATTERN, pairs } from './stored.js';

/** A request that is made to cost. */
export interface Costly {
  readonly name: string;
  readonly to: Exclude<Target, 'router'>;
  /** The key that it comes with; undefined: none. */
  readonly key: keyof typeof KEYS | undefined;
  /** `size`, from 0 to 1: of the largest there is. */
  readonly make: (size: number, random: Random) => Made;
}

/** What is sent. */
export interface Made {
  readonly method?: string;
  readonly path: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const MEBIBYTE = 1024 * 1024;
const BODY = 5 * MEBIBYTE - 1000;
const BATCH = 'application/cloudevents-batch+json';
const ONE = 'application/cloudevents+json';
const LINES = 'application/x-ndjson';

const repeated = (text: string, bytes: number): string => text.repeat(Math.max(1, Math.floor(bytes / text.length)));
const idOf = (random: Random): string => `c${random.next()}`;
const event = (random: Random, more: object): string =>
  JSON.stringify({ specversion: '1.0', id: idOf(random), source: '/cost', type: 't', ...more });

const publish = (name: string, type: string, body: (bytes: number, random: Random) => string, most = BODY): Costly => ({
  name,
  to: 'gateway',
  key: 'publish',
  make: (size, random) => ({ method: 'POST', path: '/v1/events', type, body: body(Math.ceil(size * most), random) }),
});

const PUBLISHED: readonly Costly[] = [
  publish('commas', BATCH, (bytes) => `[${','.repeat(bytes)}]`),
  publish('opening brackets', BATCH, (bytes) => '['.repeat(bytes)),
  publish('nested arrays', BATCH, (bytes) => `[${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}]`),
  publish('opening braces', 'application/json', (bytes) => repeated('{"a":', bytes)),
  publish('empty objects', BATCH, (bytes) => `[${repeated('{},', bytes)}{}]`),
  publish('numbers', BATCH, (bytes) => `[${repeated('1,', bytes)}1]`),
  publish('lines of 1', LINES, (bytes) => repeated('1\n', bytes)),
  publish('empty lines', LINES, (bytes) => '\n'.repeat(bytes)),
  publish('bad small events', BATCH, (bytes) => `[${repeated('{"specversion":"1.0"},', Math.min(bytes, 20_000))}{}]`),
  publish('small events', BATCH, (bytes, random) => {
    const count = Math.min(9999, Math.floor(bytes / 90));
    return `[${Array.from({ length: count }, () => event(random, {})).join(',')}]`;
  }),
  publish('small events, by lines', LINES, (bytes, random) =>
    Array.from({ length: Math.floor(bytes / 90) }, () => event(random, {})).join('\n'),
  ),
  publish('events of 1 MB', BATCH, (bytes, random) => {
    const count = Math.max(1, Math.floor(bytes / 1_000_000));
    return `[${Array.from({ length: count }, () => event(random, { type: 'big', data: 'x'.repeat(990_000) })).join(',')}]`;
  }),
  publish(
    'pairs that match in part',
    ONE,
    (bytes, random) => event(random, { type: 'pairs', data: { items: pairs(bytes / 24) } }),
    MEBIBYTE - 1000,
  ),
  publish(
    'digits that no double holds',
    ONE,
    (bytes, random) => event(random, {}).replace(/}$/, `,"data":[${repeated('12345678901234567890,', bytes)}1]}`),
    MEBIBYTE - 1000,
  ),
  publish(
    'escapes',
    ONE,
    (bytes, random) => event(random, {}).replace(/}$/, `,"data":"${repeated('\\u0041', bytes)}"}`),
    MEBIBYTE - 1000,
  ),
  publish(
    'members of one name',
    ONE,
    (bytes, random) => event(random, {}).replace(/}$/, `,"data":{${repeated('"a":1,', bytes)}"a":1}}`),
    MEBIBYTE - 1000,
  ),
  publish(
    'members of many names',
    ONE,
    (bytes, random) =>
      event(random, {}).replace(
        /}$/,
        `,"data":{${Array.from({ length: bytes / 12 }, (_, n) => `"a${n}":1`).join(',')}}}`,
      ),
    MEBIBYTE - 1000,
  ),
];

const look = (name: string, path: string | ((size: number, random: Random) => string)): Costly => ({
  name,
  to: 'console',
  key: 'read',
  make: (size, random) => ({ path: typeof path === 'string' ? path : path(size, random) }),
});

const asked = (name: string, path: string, body: (size: number) => object): Costly => ({
  name,
  to: 'console',
  key: 'read',
  make: (size) => ({ method: 'POST', path, type: 'application/json', body: JSON.stringify(body(size)) }),
});

/** Twelve alternatives of two, beside many fields. */
const expanding = (size: number): object => ({
  ...Object.fromEntries(Array.from({ length: Math.ceil(200 * size) }, (_, n) => [`f${n}`, ['a']])),
  data: Object.fromEntries(
    Array.from({ length: Math.ceil(12 * size) }, (_, n) => [`g${n}`, { $or: [{ x: ['a'] }, { y: ['b'] }] }]),
  ),
});

const READ: readonly Costly[] = [
  look('events of a topic', '/api/topics/big/events?limit=500'),
  look('events of a topic, oldest first', '/api/topics/big/events?limit=500&order=oldest'),
  look('search in a topic', '/api/topics/big/events?limit=500&text=nowhere'),
  look('dead letters', '/api/dead-letters?limit=500'),
  look('dead letters by error', '/api/dead-letters/groups'),
  look('dead letters with a text', '/api/dead-letters?limit=500&text=nowhere'),
  look('search of an event that is nowhere', '/api/events/trace?source=/cost&id=nowhere'),
  look('trace of an event', (_, random) => `/api/events/trace?source=/cost&id=big${random.between(0, 79)}`),
  look('trace of an event of pairs', (_, random) => `/api/events/trace?source=/cost&id=pairs${random.between(0, 9)}`),
  look('search by a pattern', `/api/topics/pairs/events?pattern=${encodeURIComponent(JSON.stringify(PAIRS_PATTERN))}`),
  look('topics', '/api/topics'),
  look('audit', '/api/audit?limit=500'),
  look('doctor', '/api/doctor'),
  asked('a pattern that expands', '/api/routes/test', (size) => ({ pattern: expanding(size), event: { type: 't' } })),
  asked('a pattern that an event matches in part', '/api/routes/test', (size) => ({
    pattern: PAIRS_PATTERN,
    event: { specversion: '1.0', id: '1', source: '/s', type: 't', data: { items: pairs(40_000 * size) } },
  })),
  asked('a pattern with long wildcards', '/api/routes/test', (size) => ({
    pattern: { data: [{ wildcard: `*${'a'.repeat(Math.ceil(1000 * size))}*b*` }] },
    event: { specversion: '1.0', id: '1', source: '/s', type: 't', data: 'a'.repeat(Math.ceil(900_000 * size)) },
  })),
];

const NONE: readonly Costly[] = [
  {
    name: 'a body without a key',
    to: 'gateway',
    key: undefined,
    make: (size) => ({
      method: 'POST',
      path: '/v1/events',
      type: BATCH,
      body: `[${','.repeat(Math.ceil(size * BODY))}]`,
    }),
  },
  {
    name: 'a body without a key, at the console',
    to: 'console',
    key: undefined,
    make: (size) => ({
      method: 'POST',
      path: '/api/routes/test',
      type: 'application/json',
      body: JSON.stringify({ pattern: expanding(size), event: 'x'.repeat(Math.ceil(900_000 * size)) }),
    }),
  },
  {
    name: 'large headers',
    to: 'gateway',
    key: undefined,
    make: (size) => ({
      path: '/v1/events',
      headers: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, 'y'.repeat(Math.ceil(280 * size))])),
    }),
  },
  {
    name: 'a long path',
    to: 'console',
    key: undefined,
    make: (size) => ({ path: `/${repeated('%2e%2e/', 12_000 * size)}` }),
  },
];

/** All of them, by class. */
export const COSTLY: readonly Costly[] = [...PUBLISHED, ...READ, ...NONE];
