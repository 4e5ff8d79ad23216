import { parseDuration } from '@millrace/host';
import { pointerTo, shown, writeJson } from '@millrace/json';
import { type Pattern, PatternError, parsePattern } from '@millrace/patterns';
import { isName } from '@millrace/streams';
import { type Endpoint, EndpointError, type EndpointFormat, groupOf } from './endpoint.js';
import { parseHeaders } from './parse-headers.js';
import { parseKeys, type VariableReader } from './parse-keys.js';

const KNOWN = [
  'name',
  'url',
  'secret',
  'signed',
  'topics',
  'pattern',
  'format',
  'headers',
  'timeout',
  'rate',
  'enabled',
];
const FORMATS: readonly string[] = ['structured', 'binary', 'data'] satisfies EndpointFormat[];
/** Fewer would be further apart than a timer can wait. */
const LOWEST_RATE = 0.001;
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
 * The endpoint of its written form: `{ name, url, secret?, signed?, topics?, pattern?, format?, headers?, timeout?, rate?, enabled? }`. Throws an `EndpointError` of
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
    signed,
    topics,
    headers,
    timeout,
    pattern,
    format,
    rate,
    enabled = true,
  } = written as Record<string, unknown>;
  const known = of('name', () => readName(name, `${source}: ${place}`));
  const at = `${source}: endpoint "${known}"`;
  const unknownKey = Object.keys(written).find((key) => !KNOWN.includes(key));
  if (unknownKey !== undefined) {
    const why = `${at}: "${unknownKey}" is unknown; an endpoint has ${KNOWN.join(', ')}`;
    throw new EndpointError(why, { pointer: pointerTo([unknownKey]) });
  }
  const keys = of('secret', () => parseKeys(secret, at, variable));
  return {
    name: known,
    url: of('url', () => readUrl(url, at)),
    keys,
    isUnsigned: of('signed', () => readSigned(signed, keys.length > 0, at)) === false,
    topics: of('topics', () => readTopics(topics, at)),
    headers: of('headers', () => parseHeaders(headers, at)),
    timeoutMs: of('timeout', () => readTimeout(timeout, at)),
    pattern: of('pattern', () => readPattern(pattern, at)),
    format: of('format', () => readFormat(format, at)),
    perSecond: of('rate', () => readRate(rate, at)),
    isEnabled: of('enabled', () => readEnabled(enabled, at)),
  };
};

/** Reads a member; what is wrong with it points there. */
const of = <T>(member: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    throw new EndpointError(error.message, { cause: error.cause, pointer: pointerTo([member]) });
  }
};

const readName = (name: unknown, where: string): string => {
  // Its group is a name too, and longer.
  if (typeof name === 'string' && isName(name) && isName(groupOf(name))) return name;
  throw new EndpointError(`${where}: name must be 1 to 123 letters, digits, ".", "_" or "-", got ${shown(name)}`);
};

const readUrl = (url: unknown, at: string): URL => {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  // Its text is not shown, for it may hold a password.
  const got = parsed === undefined ? (url === undefined ? 'nothing' : 'an invalid URL') : faultOf(parsed);
  if (parsed !== undefined && got === undefined) return parsed;
  throw new EndpointError(`${at}: url must be http://… or https://…, got ${got}`);
};

/** Why no request can be made to a URL; undefined where one can. */
const faultOf = ({ protocol, hostname, port, username, password }: URL): string | undefined => {
  if (!['http:', 'https:'].includes(protocol)) return 'an invalid URL';
  if (!isDecodable(username) || !isDecodable(password)) {
    return 'one whose user or password has an invalid percent-encoding (write "%" as "%25")';
  }
  if (port === '0') return 'one with port 0';
  if (!isHost(hostname)) return 'one with an invalid host name (labels of 1 to 63 characters, 253 in total)';
  return undefined;
};

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

/** What the parser of URLs lets through and DNS does not. */
const isHost = (hostname: string): boolean => {
  const name = hostname.replace(/\.$/, '');
  return (
    hostname.startsWith('[') ||
    (name.length <= 253 && name.split('.').every(({ length }) => length > 0 && length <= 63))
  );
};

const readSigned = (signed: unknown, hasSecret: boolean, at: string): boolean | undefined => {
  if (signed === undefined || signed === hasSecret) return signed as boolean | undefined;
  if (signed === true) throw new EndpointError(`${at}: signed is true, but there is no secret`);
  if (signed === false) throw new EndpointError(`${at}: signed is false, but there is a secret; remove one of them`);
  throw new EndpointError(`${at}: signed must be true or false, got ${shown(signed)}`);
};

const readTopics = (topics: unknown, at: string): Endpoint['topics'] => {
  if (topics === undefined) return '*';
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list) || list.length === 0) {
    throw new EndpointError(`${at}: topics must be a list of topic names, or "*", got ${shown(topics)}`);
  }
  for (const topic of list) {
    if (typeof topic === 'string' && (topic === '*' || isName(topic))) continue;
    throw new EndpointError(
      `${at}: topic must be a name of letters, digits, ".", "_" or "-", or "*", got ${shown(topic)}`,
    );
  }
  return list.includes('*') ? '*' : new Set(list as string[]);
};

const readTimeout = (timeout: unknown, at: string): number | undefined => {
  if (timeout === undefined) return undefined;
  const ms = typeof timeout === 'string' ? parseDuration(timeout) : undefined;
  if (ms !== undefined && ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms;
  throw new EndpointError(`${at}: timeout must be a duration like 500ms, 10s or 1m, at most 5m, got ${shown(timeout)}`);
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
  throw new EndpointError(`${at}: format must be one of ${FORMATS.join(', ')}, got ${shown(format)}`);
};

const readRate = (rate: unknown, at: string): number | undefined => {
  if (rate === undefined) return undefined;
  if (typeof rate === 'number' && rate >= LOWEST_RATE && rate <= HIGHEST_RATE) return rate;
  throw new EndpointError(
    `${at}: rate must be a number of requests per second from ${LOWEST_RATE} to ${HIGHEST_RATE}, got ${shown(rate)}`,
  );
};

const readEnabled = (enabled: unknown, at: string): boolean => {
  if (typeof enabled === 'boolean') return enabled;
  throw new EndpointError(`${at}: enabled must be true or false, got ${shown(enabled)}`);
};
