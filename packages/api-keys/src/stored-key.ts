import { DefinitionError } from '@millrace/definitions';
import { shown } from '@millrace/json';
import { parseRateLimit } from './rate-limit.js';
import { parseWildcards } from './wildcards.js';

/**
 * What a key may do: send events; look; also send again, pause and delete; also change routes, schemas, endpoints and keys.
 * Of the last three each has those before it; `publish` stands beside them.
 */
export const SCOPES = ['publish', 'read', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (value: unknown): value is Scope => (SCOPES as readonly unknown[]).includes(value);

/** What a key may do, as people write it. */
export interface KeyRules {
  readonly scopes: readonly Scope[];
  /** Sources of events that it may publish, `*` for any run of characters; any source without it. */
  readonly sources?: readonly string[];
  /** The same of types. */
  readonly types?: readonly string[];
  /** Unix milliseconds; for ever without it. */
  readonly expiresAt?: number;
  /** Events that it may publish, as `1000/s`. */
  readonly rateLimit?: string;
}

/** One of a key's secrets: after a rotation there are two for a while. */
export interface KeySecret {
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string;
  /** Unix milliseconds. */
  readonly madeAt: number;
  /** When it stops, in Unix milliseconds, where another took its place. */
  readonly until?: number;
}

/** A key as Redis holds it. */
export interface StoredKey extends KeyRules {
  /** Names it in its tokens, and does not change with them. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Short name of the key that made it. */
  readonly createdBy: string;
  /** The newest first. */
  readonly secrets: readonly KeySecret[];
}

/** A key that cannot be as it is asked for: says what is wrong and what is taken. */
export class KeyError extends DefinitionError {
  override readonly name = 'KeyError';

  constructor(message: string, member?: 'name' | keyof KeyRules) {
    super('bad-key', message, member && { pointer: `/${member}` });
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MEMBERS = new Set(['scopes', 'sources', 'types', 'expiresAt', 'rateLimit']);
const MOST_WILDCARDS = 100;

/** Throws a `KeyError`. */
export const checkName = (name: string): void => {
  if (!NAME.test(name)) {
    throw new KeyError(
      `"${name.slice(0, 100)}" is not a valid key name; it must be 1 to 64 letters, digits, ".", "_" or "-"`,
      'name',
    );
  }
};

/** What a key is asked to be, checked. Throws a `KeyError`. */
export const parseRules = (written: unknown): KeyRules => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new KeyError('a key is an object with scopes');
  }
  const stray = Object.keys(written).find((key) => !MEMBERS.has(key));
  if (stray !== undefined) {
    throw new KeyError(`"${stray.slice(0, 100)}" is unknown; expected ${[...MEMBERS].join(', ')}`);
  }
  const { scopes, sources, types, expiresAt, rateLimit } = written as Record<string, unknown>;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope)) {
    throw new KeyError(`scopes must be a list of ${SCOPES.join(', ')} (at least one), got ${shown(scopes)}`, 'scopes');
  }
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && (expiresAt as number) > 0)) {
    throw new KeyError(`expiresAt must be Unix milliseconds, got ${shown(expiresAt)}`, 'expiresAt');
  }
  if (rateLimit !== undefined && (typeof rateLimit !== 'string' || parseRateLimit(rateLimit) === undefined)) {
    throw new KeyError(
      `rateLimit must be a limit like 1000/s, 100000/m or 5000000/h, got ${shown(rateLimit)}`,
      'rateLimit',
    );
  }
  return {
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    ...wildcards('sources', sources),
    ...wildcards('types', types),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt as number }),
    ...(rateLimit === undefined ? {} : { rateLimit: rateLimit as string }),
  };
};

/** An empty list might mean nothing, or everything: it is refused. */
const wildcards = (name: 'sources' | 'types', value: unknown): Partial<KeyRules> => {
  if (value === undefined) return {};
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (!isList || value.length === 0 || value.length > MOST_WILDCARDS) {
    throw new KeyError(
      `${name} must be a list of 1 to ${MOST_WILDCARDS} strings such as order.*, got ${shown(value)}`,
      name,
    );
  }
  const wrong = parseWildcards(value as string[]);
  if (typeof wrong === 'string') throw new KeyError(`${name}: ${wrong}`, name);
  return { [name]: value as string[] };
};
