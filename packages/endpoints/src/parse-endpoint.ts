import { parseDuration } from '@millrace/host';
import { shown, writeJson } from '@millrace/json';
import { type Pattern, PatternError, parsePattern } from '@millrace/patterns';
import { isName } from '@millrace/streams';
import { type Endpoint, EndpointError, type EndpointFormat, groupOf } from './endpoint.js';
import { parseHeaders } from './parse-headers.js';
import { parseKeys, type VariableReader } from './parse-keys.js';

const KNOWN = ['name', 'url', 'secret', 'topics', 'pattern', 'format', 'headers', 'timeout', 'rate', 'enabled'];
const FORMATS: readonly string[] = ['structured', 'binary', 'data'] satisfies EndpointFormat[];
const HIGHEST_RATE = 100_000;
const LONGEST_TIMEOUT_MS = 300_000;

/** Where an endpoint is written. */
export interface Origin {
  /** The file, the variables, or Redis. */
  readonly source: string;
  /** What it is called there as long as it has no name that can be used: `endpoint 3`. */
  readonly place: string;
  /** Given where a secret may be `${NAME}`. */
  readonly variable?: VariableReader;
}

/**
 * The endpoint of its written form: `{ name, url, secret?, topics?, pattern?, format?, headers?, timeout?, rate?, enabled? }`. Throws an `EndpointError` of
 * one sentence.
 */
export const parseEndpoint = (written: unknown, { source, place, variable }: Origin): Endpoint => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new EndpointError(`${source}: ${place}: an endpoint is an object with name and url`);
  }
  const {
    name,
    url,
    secret,
    topics,
    headers,
    timeout,
    pattern,
    format,
    rate,
    enabled = true,
  } = written as Record<string, unknown>;
  const at = `${source}: endpoint "${readName(name, `${source}: ${place}`)}"`;
  const stranger = Object.keys(written).find((key) => !KNOWN.includes(key));
  if (stranger !== undefined) {
    throw new EndpointError(`${at}: "${stranger}" is not known; an endpoint has ${KNOWN.join(', ')}`);
  }
  return {
    name: name as string,
    url: readUrl(url, at),
    keys: parseKeys(secret, at, variable),
    topics: readTopics(topics, at),
    headers: parseHeaders(headers, at),
    timeoutMs: readTimeout(timeout, at),
    pattern: readPattern(pattern, at),
    format: readFormat(format, at),
    perSecond: readRate(rate, at),
    isEnabled: readEnabled(enabled, at),
  };
};

const readName = (name: unknown, where: string): string => {
  // Its group is a name too, and longer.
  if (typeof name === 'string' && isName(name) && isName(groupOf(name))) return name;
  throw new EndpointError(
    `${where}: name is ${shown(name)}; it takes letters, digits, ".", "_" and "-", and at most 123 of them`,
  );
};

const readUrl = (url: unknown, at: string): URL => {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && ['http:', 'https:'].includes(parsed.protocol)) return parsed;
  // Its text is not shown, for it may hold a password.
  const got = url === undefined ? 'missing' : 'no such URL';
  throw new EndpointError(`${at}: url is ${got}; it takes http://… or https://…`);
};

const readTopics = (topics: unknown, at: string): Endpoint['topics'] => {
  if (topics === undefined) return '*';
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list) || list.length === 0) {
    throw new EndpointError(`${at}: topics is ${shown(topics)}; it takes a list of topic names, or "*"`);
  }
  for (const topic of list) {
    if (typeof topic === 'string' && (topic === '*' || isName(topic))) continue;
    throw new EndpointError(
      `${at}: topic ${shown(topic)} is no name of letters, digits, ".", "_" and "-", and not "*"`,
    );
  }
  return list.includes('*') ? '*' : new Set(list as string[]);
};

const readTimeout = (timeout: unknown, at: string): number | undefined => {
  if (timeout === undefined) return undefined;
  const ms = typeof timeout === 'string' ? parseDuration(timeout) : undefined;
  if (ms !== undefined && ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms;
  throw new EndpointError(`${at}: timeout is ${shown(timeout)}; it takes a duration like 500ms, 10s or 1m, at most 5m`);
};

const readPattern = (pattern: unknown, at: string): Pattern | undefined => {
  if (pattern === undefined) return undefined;
  try {
    return parsePattern(typeof pattern === 'string' ? pattern : writeJson(pattern));
  } catch (error) {
    if (error instanceof PatternError) throw new EndpointError(`${at}: pattern: ${error.message}`, { cause: error });
    throw error;
  }
};

const readFormat = (format: unknown, at: string): EndpointFormat => {
  if (format === undefined) return 'structured';
  if (FORMATS.includes(format as string)) return format as EndpointFormat;
  throw new EndpointError(`${at}: format is ${shown(format)}; it takes ${FORMATS.join(', ')}`);
};

const readRate = (rate: unknown, at: string): number | undefined => {
  if (rate === undefined) return undefined;
  if (typeof rate === 'number' && rate > 0 && rate <= HIGHEST_RATE) return rate;
  throw new EndpointError(`${at}: rate is ${shown(rate)}; it takes requests a second, above 0`);
};

const readEnabled = (enabled: unknown, at: string): boolean => {
  if (typeof enabled === 'boolean') return enabled;
  throw new EndpointError(`${at}: enabled is ${shown(enabled)}; it takes true or false`);
};
