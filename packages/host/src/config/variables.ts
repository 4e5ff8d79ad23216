import 'reflect-metadata';
import { parseRedisUrl } from '@millrace/streams/redis';
import { Transform } from 'class-transformer';
import { ValidateBy, type ValidationOptions } from 'class-validator';

/** What a process says of one of its environment variables. */
export interface Variable {
  /** What it takes, for the error message: `a whole number from 1 to 1024`. */
  readonly takes: string;
  /** Its value is never shown. */
  readonly secret: boolean;
}

const VARIABLES = Symbol('variables');

/** The variables of a configuration class, its parents' included. */
export const variablesOf = (type: abstract new () => object): ReadonlyMap<string, Variable> =>
  (Reflect.getMetadata(VARIABLES, type) as Map<string, Variable> | undefined) ?? new Map();

interface Kind<T> {
  readonly takes: string;
  readonly secret?: boolean;
  /** The value of the text, or undefined if it is none. */
  readonly parse: (text: string) => T | undefined;
}

const INVALID = Symbol('invalid');

/** A property whose value is parsed from the environment variable of its name. */
const variable =
  <T>(kind: Kind<T>, options?: ValidationOptions): PropertyDecorator =>
  (target, property) => {
    const type = target.constructor as abstract new () => object;
    const own = new Map(variablesOf(type)).set(String(property), { takes: kind.takes, secret: kind.secret ?? false });
    Reflect.defineMetadata(VARIABLES, own, type);
    Transform(({ value }) => (typeof value === 'string' ? (kind.parse(value) ?? INVALID) : value))(target, property);
    ValidateBy({ name: 'variable', validator: { validate: (value) => value !== INVALID } }, options)(target, property);
  };

const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** Any text; `takes` says in words what is meant. */
export const Text = (takes = 'a string', matches = /[\s\S]/): PropertyDecorator =>
  variable({ takes, parse: (text) => (matches.test(text) ? text : undefined) });

/** A name of letters, digits, `.`, `_` and `-`, of at most so many characters. */
export const Name = (most = 128): PropertyDecorator =>
  Text(
    `1 to ${most} letters, digits, ".", "_" or "-", beginning with a letter or digit`,
    new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${most - 1}}$`),
  );

/** A text that is never shown. */
export const Secret = (takes = 'a secret'): PropertyDecorator =>
  variable({ takes, secret: true, parse: (text) => (text === '' ? undefined : text) });

/** A URL of one of the given schemes, shown without its password. */
export const Url = (...schemes: readonly string[]): PropertyDecorator =>
  variable({
    takes: `a URL of the form ${schemes.map((scheme) => `${scheme}://…`).join(' or ')}`,
    secret: true,
    parse: (text) =>
      schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text) ? text : undefined,
  });

/** Where a Redis is: one server, one that Sentinels name, or a cluster; shown without its password. */
export const RedisUrl = (): PropertyDecorator =>
  variable({
    takes:
      'redis://host:port, redis+sentinel://host:port,…/name or redis+cluster://host:port,…, with rediss in place of redis for TLS',
    secret: true,
    parse: (text) => {
      try {
        parseRedisUrl(text);
        return text;
      } catch {
        return undefined; // What is said of it must not show it.
      }
    },
  });

/** A whole number within bounds. */
export const Whole = (min: number, max: number): PropertyDecorator =>
  variable({
    takes: `a whole number from ${min} to ${max}`,
    parse: (text) => {
      const value = wholeNumber(text);
      return value !== undefined && value >= min && value <= max ? value : undefined;
    },
  });

/** Whatever `parse` makes of the text; undefined means that it is none. */
export const Parsed = <T>(takes: string, parse: (text: string) => T | undefined): PropertyDecorator =>
  variable({ takes, parse });

/** One of the given words. */
export const OneOf = (...words: readonly string[]): PropertyDecorator =>
  variable({ takes: `one of ${words.join(', ')}`, parse: (text) => (words.includes(text) ? text : undefined) });

const FLAGS = new Map([
  ['true', true],
  ['false', false],
]);

/** `true` or `false`. */
export const Flag = (): PropertyDecorator =>
  variable({ takes: 'true or false', parse: (text) => FLAGS.get(text.toLowerCase()) });

/** A share from 0 to 1, as `0.01`. */
export const Share = (): PropertyDecorator =>
  variable({
    takes: 'a number from 0 to 1',
    parse: (text) => (/^(?:[01]|0?\.\d{1,15}|1\.0{1,15})$/.test(text) ? Number(text) : undefined),
  });

/** Names and values, `a=1,b=2`, percent-encoded as W3C Baggage has them; the value is a record. */
export const Keyed = (takes: string, secret = false): PropertyDecorator =>
  variable({
    takes: `${takes}, separated by commas, with other characters than letters, digits and signs percent-encoded`,
    secret,
    parse: (text) => {
      try {
        const pairs = text.split(',').map((item) => {
          const [, name, value] = /^\s*([^\s=,;]+)\s*=\s*([^,;]*?)\s*$/.exec(item) ?? [];
          return name === undefined ? undefined : [decodeURIComponent(name), decodeURIComponent(value ?? '')];
        });
        return pairs.includes(undefined) ? undefined : Object.fromEntries(pairs as string[][]);
      } catch {
        return undefined; // A percent sign that encodes nothing.
      }
    },
  });

/** A list of texts, separated by commas; each has to match. */
export const List = (takes: string, matches: RegExp, secret = false): PropertyDecorator =>
  Items(takes, (item) => (matches.test(item) ? item : undefined), secret);

/** A list of whatever `parse` makes of each text, separated by commas; undefined means that it is none. */
export const Items = <T>(takes: string, parse: (text: string) => T | undefined, secret = false): PropertyDecorator =>
  variable({
    takes: `${takes}, separated by commas`,
    secret,
    parse: (text) => {
      const items = text.split(',').map((item) => parse(item.trim()));
      return items.includes(undefined) ? undefined : items;
    },
  });

/** Keys of clients, or `sha256:` and their hashes. What begins so and goes on otherwise is a slip, and no key. */
export const ApiKeyList = (): PropertyDecorator =>
  List(
    'keys of at least 16 characters without spaces, or sha256: and 64 hexadecimal digits',
    /^(sha256:[0-9a-f]{64}|(?!sha256:)[^\s,]{16,256})$/,
    true,
  );

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365 * 86_400_000,
};

/** The milliseconds of a duration like `500ms`, `30s`, `24h`, `7d` or `1y` (365 days), or undefined if the text is none. */
export const parseDuration = (text: string): number | undefined => {
  const parts = /^(\d{1,9})(ms|s|m|h|d|y)$/.exec(text);
  return parts === null ? undefined : Number(parts[1]) * (UNITS[parts[2] as string] as number);
};

/** A duration like `500ms`, `30s`, `24h`, `7d`; the value is milliseconds. */
export const Duration = (): PropertyDecorator =>
  variable({ takes: 'a duration like 500ms, 30s, 10m, 24h or 7d', parse: parseDuration });

/** A percentage like `10%`; the value is a share from 0 to 1. */
export const Percent = (max: number): PropertyDecorator =>
  variable({
    takes: `a percentage from 0% to ${max}%`,
    parse: (text) => {
      const [, number] = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text) ?? [];
      return number !== undefined && Number(number) <= max ? Number(number) / 100 : undefined;
    },
  });

/** Seconds separated by commas: `5,300,1800`; the value is milliseconds. */
export const Seconds = (): PropertyDecorator =>
  variable({
    takes: 'seconds, separated by commas',
    parse: (text) => {
      const seconds = text.split(',').map((item) => Number(item.trim() || Number.NaN));
      return seconds.every((one) => Number.isFinite(one) && one >= 0) ? seconds.map((one) => one * 1000) : undefined;
    },
  });
