import type { Wildcard } from '@millrace/patterns';
import { parseRateLimit, type RateLimit } from './rate-limit.js';
import { KeyError, type KeyRules, SCOPES, type Scope } from './stored-key.js';
import { matchesAny, parseWildcards } from './wildcards.js';

/** Who holds a key, and what they may do. */
export class Principal {
  readonly rateLimit: RateLimit | undefined;
  private readonly sources: readonly Wildcard[] | undefined;
  private readonly types: readonly Wildcard[] | undefined;

  /** Throws a `KeyError` where the rules are none. */
  constructor(
    /** Stays when the key is rotated; nothing where no key is asked for. */
    readonly id: string,
    /** For people: the name of a stored key, the short name of another. */
    readonly name: string,
    private readonly rules: KeyRules,
  ) {
    this.sources = wildcardsOf(rules.sources);
    this.types = wildcardsOf(rules.types);
    this.rateLimit = rules.rateLimit === undefined ? undefined : parseRateLimit(rules.rateLimit);
  }

  get scopes(): readonly Scope[] {
    return this.rules.scopes;
  }

  /** Unix milliseconds. */
  get expiresAt(): number {
    return this.rules.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it may publish some sources or types and no others. */
  get isBound(): boolean {
    return this.sources !== undefined || this.types !== undefined;
  }

  may(scope: Scope): boolean {
    return this.rules.scopes.includes(scope);
  }

  /** The most that it may do at the console, where each of these has those before it. */
  get role(): Exclude<Scope, 'publish'> | undefined {
    return SCOPES.findLast((scope) => scope !== 'publish' && this.may(scope)) as
      | 'read'
      | 'operate'
      | 'admin'
      | undefined;
  }

  /** Why an event may not be published, in a sentence; undefined where it may. */
  refusal({ source, type }: { readonly source: string; readonly type: string }): string | undefined {
    if (this.sources !== undefined && !matchesAny(this.sources, source)) return this.told('source', source);
    if (this.types !== undefined && !matchesAny(this.types, type)) return this.told('type', type);
    return undefined;
  }

  private told(what: 'source' | 'type', value: string): string {
    const taken = (this.rules[`${what}s`] ?? []).join(', ').slice(0, 300);
    return `This API key may not publish the ${what} "${value.slice(0, 100)}"; it may publish ${taken}`;
  }
}

const wildcardsOf = (texts: readonly string[] | undefined): readonly Wildcard[] | undefined => {
  if (texts === undefined) return undefined;
  const parsed = parseWildcards(texts);
  if (typeof parsed === 'string') throw new KeyError(parsed);
  return parsed;
};

/** Whoever comes where no key is asked for. */
export const OPEN_PRINCIPAL = new Principal('', '', { scopes: SCOPES });
