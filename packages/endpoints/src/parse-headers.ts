import { EndpointError } from './endpoint.js';

/** What a request says of itself and of its connection is not for an endpoint to choose. */
const OURS = new Set([
  'content-type',
  'content-length',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'connection',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers that go with every request of an endpoint, names in small letters. Throws an `EndpointError`. */
export const parseHeaders = (headers: unknown, at: string): Record<string, string> => {
  if (headers === undefined) return {};
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw new EndpointError(`${at}: headers must be an object of names and strings`);
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [readName(name, at), readValue(name, value, at)]),
  );
};

const readName = (name: string, at: string): string => {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new EndpointError(`${at}: header ${JSON.stringify(name)} is not a valid header name`);
  }
  const small = name.toLowerCase();
  if (OURS.has(small)) throw new EndpointError(`${at}: header "${name}" is set by the sink; leave it out`);
  return small;
};

/** The value itself is not shown: it may be a credential. */
const readValue = (name: string, value: unknown, at: string): string => {
  if (typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new EndpointError(`${at}: header "${name}" must be a string of one line, in Latin-1`);
};
