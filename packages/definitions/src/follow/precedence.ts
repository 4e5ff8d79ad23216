import { type Keyed, nameOf } from '../kind/kind.js';

/** Where a definition may be written, the first that has a name has it. */
export const SOURCES = ['file', 'environment', 'Redis'] as const;
export type Source = (typeof SOURCES)[number];

/** Definitions by where they are written. */
export type BySource<D> = Readonly<Partial<Record<Source, readonly D[]>>>;

/** A name that is written twice. */
export interface Duplicate {
  readonly name: string;
  readonly used: Source;
  readonly ignored: Source;
}

/** Those that are used, and where each is written. */
export interface Used<D> {
  readonly definitions: readonly D[];
  readonly sources: ReadonlyMap<string, Source>;
  readonly duplicates: readonly Duplicate[];
}

/** Which definitions are used, where a name is in several places. */
export const withPrecedence = <D extends object>(kind: Keyed<D>, written: BySource<D>): Used<D> => {
  const definitions: D[] = [];
  const sources = new Map<string, Source>();
  const duplicates: Duplicate[] = [];
  for (const source of SOURCES) {
    for (const definition of written[source] ?? []) {
      const name = nameOf(kind, definition);
      const used = sources.get(name);
      if (used !== undefined) {
        duplicates.push({ name, used, ignored: source });
        continue;
      }
      sources.set(name, source);
      definitions.push(definition);
    }
  }
  return { definitions, sources, duplicates };
};
