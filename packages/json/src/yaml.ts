import { Lexer, Parser, parseDocument, type Scalar, visit } from 'yaml';
import { type ExactNumber, numberOf } from './exact-number.js';

/**
 * The value of a YAML text, which JSON is too; numbers that a double does not hold are `ExactNumber`s. Throws a
 * `SyntaxError` of one line: what is wrong and where, also for numbers that JSON does not have (`.inf`, `.nan`), for
 * more than 4 MiB, and for more than 128 levels.
 */
export const parseYaml = (text: string): unknown => {
  refuseLarge(text);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new SyntaxError(firstLine(error.message));
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'number') node.value = exactValue(node as Scalar<number>);
    },
  });
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw new SyntaxError(firstLine((cause as Error).message), { cause }); // Aliases without end.
  }
};

const MOST_CHARACTERS = 4 * 1024 * 1024;
const MOST_LEVELS = 128;

/**
 * Where nesting leaves it no stack the parser does not throw but aborts the process: a regular expression of its own cannot
 * be compiled then. So depth is known before: the tokens, and what they open, are read without recursion.
 */
const refuseLarge = (text: string): void => {
  if (text.length > MOST_CHARACTERS) throw new SyntaxError(`YAML has more than ${MOST_CHARACTERS} characters`);
  const parser = new Parser();
  for (const token of new Lexer().lex(text)) {
    for (const _ of parser.next(token)); // What it builds is not needed.
    // The document is the first of what is open.
    if (parser.stack.length > MOST_LEVELS + 1)
      throw new SyntaxError(`YAML is nested deeper than ${MOST_LEVELS} levels`);
  }
};

const firstLine = (message: string): string => message.split('\n')[0] ?? '';

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** What YAML calls numbers that are no decimals: in YAML 1.1 `017` is one, and `190:20:30.15`. */
const OTHERWISE: ReadonlySet<unknown> = new Set(['HEX', 'OCT', 'BIN', 'TIME']);

const exactValue = ({ value, source = '', format }: Scalar<number>): number | ExactNumber => {
  const decimal = source.replaceAll('_', '');
  if (!OTHERWISE.has(format) && DECIMAL.test(decimal)) return numberOf(asJson(decimal));
  if (format === 'TIME' ? Number.isFinite(value) : Number.isSafeInteger(value)) return value;
  // `.inf`, `.nan`, and hexadecimal or octal digits that a double does not hold.
  throw new SyntaxError(`${source} is no number that JSON has; write it as a decimal`);
};

/** YAML also takes `+1`, `.5`, `5.` and `007`. */
const asJson = (decimal: string): string =>
  decimal
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, (_, sign: string) => `${sign}0.`)
    .replace(/\.(?=[eE]|$)/, '');
