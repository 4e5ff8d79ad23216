/** Where a definition is written. */
export interface Origin {
  /** A file, or `Redis`. */
  readonly source: string;
  /** What it is called there as long as it has no name that can be used: `route 3`. */
  readonly place: string;
  /** Only a file has a say in what a process reads of its environment; what is in Redis was checked when it was changed. */
  readonly from: 'file' | 'change' | 'Redis';
}

/** A definition as people write it and Redis holds it. */
export type Written = Readonly<Record<string, unknown>>;

/** How the definitions of a kind are called. */
export interface Naming {
  /** Their keys in Redis are `{ctl}:NAME`, `{ctl}:NAME:version` and so on; a file has a list under it. */
  readonly name: string;
  /** One of them in a sentence: `route`. */
  readonly noun: string;
  /** Several of them, where that is not the name: `API keys`. */
  readonly plural?: string;
  /** The member that names one. */
  readonly key: string;
}

/** A kind of definitions: how one is written, checked and named, and where they are. `D` never changes once it is parsed. */
export interface Kind<D extends object, W extends object = Written> extends Naming {
  readonly key: keyof D & string;
  /** Code of a problem with one: `bad-route`. */
  readonly code: string;
  /** The variable that names their file. Without it they are in Redis alone. */
  readonly file?: string;
  /** Whether a file may also be one of them, as it is shown. */
  readonly aloneInFile?: boolean;
  /** Whether one stays as it was where what is stored in its place cannot be used; else there is none of its name. */
  readonly keepsLast: boolean;
  /** Whether an earlier version may be restored. */
  readonly rollsBack: boolean;
  /**
   * The definition of its written form. `before` is that of its name until now, of which what is the same may be taken. Throws
   * a `DefinitionError`.
   */
  parse(written: unknown, origin: Origin, before?: D): D;
  /** The same where that takes long: others have their turn in between. */
  parseInTurns?(written: unknown, origin: Origin, before?: D): Promise<D>;
  /** Throws a `DefinitionError` where they cannot be live together. `what` names them: a file, `the routes in Redis`. */
  checkTogether?(all: readonly D[], what: string): void;
  /** How a text is shown that somebody wrote into Redis by hand, and that is no object. */
  blank?(text: string): Partial<W>;
}

/** What says which member names one. */
export type Keyed<D> = { readonly key: keyof D & string };

/** The name of a definition. */
export const nameOf = <D extends object>({ key }: Keyed<D>, definition: D): string => String(definition[key]);

/** One of them by its name, in a sentence: `route "large"`. */
export const called = ({ noun, key }: Naming, name: string): string =>
  `${noun}${key === 'name' ? '' : ' of'} "${name.slice(0, 100)}"`;

/** Several of them in a sentence. */
export const pluralOf = ({ name, plural = name }: Naming): string => plural;
