import { shown } from '@millrace/json';
import { EndpointError } from './endpoint.js';

/** Reads a variable of the process's environment. */
export type VariableReader = (name: string) => string | undefined;

const PREFIX = 'whsec_';
/** While secrets are rotated there are two; more make each request longer. */
const MOST_SECRETS = 5;
const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const TAKES = 'must be whsec_ followed by the base64 of 24 to 64 bytes (Standard Webhooks)';

/**
 * Keys of a secret `whsec_<base64>`, of `${NAME}` where variables may be read, or of a list of them; none where there is no secret. Throws
 * an `EndpointError` that does not show the secret.
 */
export const parseKeys = (secret: unknown, at: string, variable?: VariableReader): Buffer[] => {
  if (secret === undefined) return [];
  if (Array.isArray(secret)) {
    if (secret.length > 0 && secret.length <= MOST_SECRETS)
      return secret.flatMap((one) => parseKeys(one, at, variable));
    throw new EndpointError(`${at}: secret must be a list of 1 to ${MOST_SECRETS} secrets, got ${secret.length}`);
  }
  if (typeof secret !== 'string') throw new EndpointError(`${at}: secret ${TAKES}, got ${shown(secret)}`);
  const name = variable === undefined ? undefined : VARIABLE.exec(secret)?.[1];
  if (variable === undefined || name === undefined) return [readKey(secret, `${at}: secret`)];
  const value = variable(name);
  if (value === undefined) throw new EndpointError(`${at}: secret: the environment variable ${name} is not set`);
  return [readKey(value, `${at}: secret: the environment variable ${name}`)];
};

const readKey = (secret: string, at: string): Buffer => {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const key = Buffer.from(base64, 'base64');
  // Node skips what is not base64; what was skipped shows when it is written again.
  if (key.toString('base64') !== base64 || key.length < 24 || key.length > 64) {
    throw new EndpointError(`${at} ${TAKES}, got a value that is not shown`);
  }
  return key;
};
