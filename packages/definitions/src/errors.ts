/** A definition that cannot be used, or a change that cannot be made: a code, where in what is written, and a sentence. */
export class DefinitionError extends Error {
  override readonly name: string = 'DefinitionError';
  /** Which member of what is written, as a JSON pointer: `/topics`; undefined where it is about the whole. */
  readonly pointer: string | undefined;

  constructor(
    /** By which programs tell them apart: `bad-route`, `not-found`, `conflict`. */
    readonly code: string,
    /** What is wrong, where, and what is accepted. */
    message: string,
    { pointer, ...options }: ErrorOptions & { readonly pointer?: string | undefined } = {},
  ) {
    super(message, options);
    this.pointer = pointer;
  }
}

/** There is none of that name. */
export class DefinitionMissing extends DefinitionError {
  override readonly name = 'DefinitionMissing';

  constructor(message: string) {
    super('not-found', message);
  }
}

/** A change that does not fit the version that there is, or a version that is not there. */
export class VersionConflict extends DefinitionError {
  override readonly name = 'VersionConflict';

  constructor(message: string) {
    super('conflict', message);
  }
}
