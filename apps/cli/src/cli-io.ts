/** Where a command writes. */
export interface Writer {
  write(text: string): void;
  /** Whether people look at it. */
  readonly isTerminal: boolean;
  /** Whether they want colours. */
  readonly isColoured: boolean;
  size(): { readonly columns: number; readonly rows: number };
}

/** What the command line has to do with the machine it runs on; tests have their own. */
export interface CliIo {
  readonly output: Writer;
  /** What is no answer: errors, progress, questions. */
  readonly errors: Writer;
  readonly variable: (name: string) => string | undefined;
  /** Standard input. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** Asks somebody at a terminal; undefined where nobody is there. A hidden answer is not shown as it is typed. */
  readonly ask?: ((question: string, options?: { readonly isHidden: boolean }) => Promise<string>) | undefined;
  /** From now on the first Ctrl-C is told to `listener` instead of ending the process. Gives what undoes that. */
  readonly onInterrupt: (listener: () => void) => () => void;
}
