import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { parseJson } from '@millrace/json';
import type { Command } from 'commander';
import { Api } from './api/api.js';
import type { CliIo } from './cli-io.js';
import { UsageError } from './errors.js';
import { tableOf } from './output/table.js';
import { clean, jsonOf, Line, linesOf, type Piece } from './output/text.js';
import { ProfileFile } from './profiles.js';

/** What every command takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

const DEFAULT_URL = 'http://127.0.0.1:8090';

/** What people read: lines, or a text of ours that has several. */
export type Shown = string | Line | readonly (string | Line)[];

/** What every command works with: the API it asks, and how it answers. */
export class Context {
  readonly api: Api;

  private constructor(
    readonly given: GlobalOptions,
    readonly io: CliIo,
  ) {
    this.api = new Api(() => addressOf(given, io.variable));
  }

  static of(command: Command, io: CliIo): Context {
    return new Context(command.optsWithGlobals<GlobalOptions>(), io);
  }

  get isJson(): boolean {
    return this.given.json ?? false;
  }

  /** The answer of a command: as JSON where that was asked for, else as `people` read it. */
  print(answer: unknown, people: () => Shown): void {
    if (this.isJson) this.io.output.write(`${jsonOf(answer, 2)}\n`);
    else this.show(people());
  }

  /** One of many answers that come one by one: a line of NDJSON where JSON was asked for. */
  printOne(answer: unknown, people: () => Line): void {
    if (this.isJson) this.io.output.write(`${jsonOf(answer)}\n`);
    else this.show(people().cut(this.columns));
  }

  table(answer: unknown, header: readonly string[], rows: readonly (readonly Piece[])[], none: string): void {
    this.print(answer, () => (rows.length === 0 ? none : tableOf(header, rows, this.columns)));
  }

  show(shown: Shown): void {
    const { output } = this.io;
    for (const one of linesIn(shown)) output.write(`${one.shown(output.isColoured)}\n`);
  }

  /** Something to know that is no answer: a line on standard error. */
  note(text: string): void {
    this.io.errors.write(`${clean(text)}\n`);
  }

  /** The columns of a terminal; where none is, lines are not cut. */
  get columns(): number {
    const { output } = this.io;
    return output.isTerminal ? output.size().columns : Number.POSITIVE_INFINITY;
  }

  /** The text of a file; `-` is standard input. Rejects with a `UsageError`. */
  async read(file: string): Promise<string> {
    if (file === '-') return textOf(this.io.input());
    return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file}: cannot be read: ${error.code}`);
    });
  }

  /** JSON as it is given, of a file as `@FILE`, or of standard input as `-`. Rejects with a `UsageError`. */
  async readJson(given: string, what: string): Promise<unknown> {
    const text = given === '-' || given.startsWith('@') ? await this.read(given.replace(/^@/, '')) : given;
    return parse(text, what);
  }
}

const linesIn = (shown: Shown): readonly Line[] => {
  if (typeof shown === 'string') return linesOf(shown);
  return shown instanceof Line ? [shown] : shown.map((one) => (typeof one === 'string' ? Line.of(one) : one));
};

/**
 * Flags come before the environment, and that before the profile. The key of a profile goes to the address of that
 * profile alone.
 */
const addressOf = async ({ url, key, profile }: GlobalOptions, variable: CliIo['variable']) => {
  const given = url ?? variable('MILLRACE_URL');
  const named = profile ?? variable('MILLRACE_PROFILE');
  const file = new ProfileFile(variable);
  const stored = named === undefined ? await file.current() : await file.one(named);
  const isOfProfile = given === undefined || given === stored.url;
  return {
    url: given ?? stored.url ?? DEFAULT_URL,
    key: key ?? variable('MILLRACE_API_KEY') ?? (isOfProfile ? stored.key : undefined),
  };
};

/** JSON of a file. Throws a `UsageError`. */
export const parse = (text: string, file: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
};
