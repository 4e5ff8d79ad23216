import type { RedisTls } from '@millrace/streams/redis';
import type { BaseConfig } from '../config/base-config.js';
import { ConfigError } from '../config/config.js';
import { checkPair, checkPem, type PemFiles, readPem } from './pem.js';

/** A file's text as it is now; where it cannot be read now, as it was. */
const textOf = (file: PemFiles[keyof PemFiles]): (() => string | undefined) => {
  let text = readPem(file);
  return () => {
    try {
      text = readPem(file);
    } catch {
      // It is being replaced.
    }
    return text;
  };
};

/**
 * What `REDIS_CA_FILE`, `REDIS_CERT_FILE` and `REDIS_KEY_FILE` say of connections to Redis; undefined where they say nothing.
 * Every new connection reads them again. Throws a `ConfigError` where they cannot be used, or the URL has no TLS.
 */
export const redisTlsOf = (config: BaseConfig, url = config.REDIS_URL): RedisTls | undefined => {
  const files: PemFiles = {
    ca: { variable: 'REDIS_CA_FILE', path: config.REDIS_CA_FILE },
    cert: { variable: 'REDIS_CERT_FILE', path: config.REDIS_CERT_FILE },
    key: { variable: 'REDIS_KEY_FILE', path: config.REDIS_KEY_FILE },
  };
  const first = Object.values(files).find(({ path }) => path !== undefined);
  if (first === undefined) return undefined;
  if (!url.startsWith('rediss')) {
    throw new ConfigError(`${first.variable} is set, but REDIS_URL is not one with TLS: it must begin with rediss`);
  }
  checkPair(files);
  const [ca, cert, key] = [textOf(files.ca), textOf(files.cert), textOf(files.key)];
  const now = (): RedisTls => withoutUndefined({ ca: ca(), cert: cert(), key: key() });
  checkPem(now(), files);
  const tls = {};
  for (const [name, text] of Object.entries({ ca, cert, key })) {
    if (text() !== undefined) Object.defineProperty(tls, name, { get: text, enumerable: true });
  }
  return tls;
};

const withoutUndefined = (all: Record<string, string | undefined>): RedisTls =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
