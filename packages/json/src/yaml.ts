import { parseDocument, type Scalar, visit } from 'yaml';
import { type ExactNumber, numberOf } from './exact-number.js';

/**
 * The value of a YAML text, which JSON is too; numbers that a double does not hold are `ExactNumber`s. Throws a
 * `SyntaxError` of one line: what is wrong and where, also for numbers that JSON does not have (`.inf`, `.nan`).
 */
export const parseYaml = (text: string): unknown => {
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
