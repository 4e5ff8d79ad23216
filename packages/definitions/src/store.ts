import { writeJson } from '@millrace/json';
import type { RedisTransport } from '@millrace/streams/redis';
import { DefinitionMissing, VersionConflict } from './errors.js';
import { called, type Kind, nameOf, type Origin, pluralOf, type Written } from './kind/kind.js';
import { parseAll } from './kind/parse-all.js';
import { type Invalid, type Parsed, parseStored, writtenIn } from './kind/parse-stored.js';
import {
  type ChangeAuthor,
  type FieldChange,
  type RecordedChange,
  type Versioned,
  VersionedHash,
  type VersionRecord,
} from './versions/versioned-hash.js';

/** The stored definitions of one version. */
export interface DefinitionSet<D> {
  /** 0 where there never was a change. */
  readonly version: number;
  readonly definitions: readonly D[];
  /** What is stored and cannot be used; it is left out. */
  readonly invalid: readonly Invalid[];
}

/**
 * The definitions of a kind in Redis: each change is a version with a record, and an entry of the audit; drafts are beside them, and
 * nobody follows those. Everything rejects with `Unavailable` where Redis is away.
 */
export class DefinitionStore<D extends object, W extends object = Written> {
  protected readonly hash: VersionedHash;
  /** Most are the same at the next reading. */
  private known: ReadonlyMap<string, Parsed<D>> = new Map();

  constructor(
    transport: RedisTransport,
    readonly kind: Kind<D, W>,
  ) {
    this.hash = new VersionedHash(transport, kind.name);
  }

  /** Cheap enough to ask every second. */
  version(): Promise<number> {
    return this.hash.version();
  }

  async read(): Promise<DefinitionSet<D>> {
    const now = await this.hash.read();
    const { parsed, invalid } = await parseStored(this.kind, now, this.known);
    this.known = parsed;
    return { version: now.version, definitions: definitionsOf(parsed), invalid };
  }

  /** Those of an earlier version. Rejects with a `VersionConflict` where the history does not reach so far. */
  async at(version: number): Promise<DefinitionSet<D>> {
    const { parsed, invalid } = await parseStored(
      this.kind,
      { version, values: await this.hash.at(version) },
      this.known,
    );
    return { version, definitions: definitionsOf(parsed), invalid };
  }

  /** As they are written, secrets and all. */
  async written(): Promise<{ readonly version: number; readonly definitions: readonly W[] }> {
    const { version, values } = await this.hash.read();
    return { version, definitions: [...values].map(([name, text]) => writtenIn(this.kind, name, text)) };
  }

  /** Whether a name is taken, be it by what cannot be used. */
  async has(name: string): Promise<boolean> {
    return (await this.hash.read()).values.has(name);
  }

  /** Publishes definitions, as one version, and gives that. Throws a `DefinitionError`; rejects with a `VersionConflict`. */
  put(written: readonly W[], by: ChangeAuthor): Promise<number> {
    const definitions = parseAll(this.kind, written, () => this.origin(`the ${this.kind.noun}`));
    const fields = written.map((one, i): FieldChange => [nameOf(this.kind, definitions[i] as D), writeJson(one)]);
    return this.hash.change({ ...by, action: 'put' }, async (now) => {
      await this.checkBeside(now, definitions);
      return fields;
    });
  }

  /** Rejects with a `DefinitionMissing` where there is none of that name. */
  delete(name: string, by: ChangeAuthor & { readonly action?: string }): Promise<number> {
    return this.hash.change({ action: 'delete', ...by }, ({ values }) => {
      if (!values.has(name)) throw this.missing(name);
      return [[name, null]];
    });
  }

  async drafts(): Promise<ReadonlyMap<string, W>> {
    const drafts = [...(await this.hash.drafts())];
    return new Map(drafts.map(([name, text]) => [name, writtenIn(this.kind, name, text)]));
  }

  /** Keeps a draft, which nobody follows until it is promoted. Rejects with a `DefinitionError`. */
  async draft(written: W): Promise<void> {
    const draft = this.kind.parse(written, this.origin('the draft'));
    await this.hash.saveDraft(nameOf(this.kind, draft), writeJson(written));
  }

  async dropDraft(name: string): Promise<void> {
    await this.hash.saveDraft(name, null);
  }

  /** Publishes a draft. Rejects with a `DefinitionMissing` where there is none. */
  async promote(name: string, by: ChangeAuthor): Promise<number> {
    const text = (await this.hash.drafts()).get(name);
    if (text === undefined) throw new DefinitionMissing(`Draft "${name.slice(0, 100)}" not found`);
    const draft = this.kind.parse(writtenIn(this.kind, name, text), this.origin(`draft "${name}"`));
    const promoted = async (now: Versioned): Promise<FieldChange[]> => {
      await this.checkBeside(now, [draft]);
      return [[name, text]];
    };
    return this.hash.change({ ...by, action: 'promote' }, promoted, [[name, null]]);
  }

  /** Makes all of them what they were at a version, as a new one. Rejects with a `VersionConflict`. */
  async rollback(to: number, by: ChangeAuthor): Promise<number> {
    if (!this.kind.rollsBack) throw new VersionConflict(`${pluralOf(this.kind)} cannot be rolled back`);
    return this.hash.rollback(to, by);
  }

  /** What changed from one version to another. Rejects with a `VersionConflict` where the history does not reach so far. */
  async changes(from: number, to: number): Promise<RecordedChange[]> {
    const now = await this.hash.read();
    const [before, after] = await Promise.all([this.hash.at(from, now), this.hash.at(to, now)]);
    return [...new Set([...before.keys(), ...after.keys()])]
      .sort()
      .filter((name) => before.get(name) !== after.get(name))
      .map((name) => ({ field: name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
  }

  /** Records of changes, the newest first: at most `limit`, those of versions below `before`. Secrets are in them. */
  records(limit: number, before?: number): Promise<VersionRecord[]> {
    return this.hash.history(limit, before);
  }

  protected missing(name: string): DefinitionMissing {
    return new DefinitionMissing(`${called(this.kind, name)} not found in Redis`);
  }

  private async checkBeside(now: Versioned, definitions: readonly D[]): Promise<void> {
    const { kind } = this;
    if (kind.checkTogether === undefined) return;
    const names = new Set(definitions.map((one) => nameOf(kind, one)));
    const { parsed } = await parseStored(kind, now, this.known);
    const others = definitionsOf(parsed).filter((one) => !names.has(nameOf(kind, one)));
    kind.checkTogether([...others, ...definitions], `the ${pluralOf(kind)} in Redis`);
  }

  private origin(place: string): Origin {
    return { source: 'Redis', place, from: 'change' };
  }
}

const definitionsOf = <D>(parsed: ReadonlyMap<string, Parsed<D>>): readonly D[] =>
  [...parsed.values()].map(({ definition }) => definition);
