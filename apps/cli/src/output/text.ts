import { writeJson } from '@millrace/json';

/**
 * What a terminal acts on instead of showing it: control characters of both sets (U+009B begins an escape sequence as
 * well as ESC does), what turns the direction of writing round or is invisible, half characters, and the two other ends
 * of a line.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (found: string): string =>
  found
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** Text from outside as one line that is safe on a terminal: what would act on it is written out, as `\u001b`. */
export const clean = (text: string): string => text.replace(UNSAFE, (found) => NAMED[found] ?? escaped(found));

/** JSON that is safe on a terminal and is still the same value: what would act on it is written as `\u009b`. */
export const jsonOf = (value: unknown, indent?: number): string =>
  (writeJson(value, indent) ?? 'null').replace(UNSAFE, (found) => (found === '\n' ? found : escaped(found)));

export type Ink = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan';

const CODES: Readonly<Record<Ink, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  cyan: 36,
};

interface Span {
  readonly text: string;
  readonly ink?: Ink | undefined;
}

/** One line of text: clean whatever it was made of, with colours of ours alone. */
export class Line {
  private constructor(private readonly spans: readonly Span[]) {}

  static of(text: string, ink?: Ink): Line {
    return new Line([{ text: clean(text), ink }]);
  }

  static join(parts: readonly (Line | string | number)[]): Line {
    return new Line(parts.flatMap((part) => (part instanceof Line ? part.spans : Line.of(String(part)).spans)));
  }

  /** Without its colours. */
  get plain(): string {
    return this.spans.map(({ text }) => text).join('');
  }

  /** How many columns it takes. */
  get width(): number {
    return this.spans.reduce((sum, { text }) => sum + widthOf(text), 0);
  }

  /** Cut to so many columns, with an ellipsis where something is missing. */
  cut(columns: number): Line {
    if (this.width <= columns) return this;
    let left = Math.max(0, columns - 1);
    const spans = this.spans.flatMap(({ text, ink }) => {
      const some = [...text].slice(0, left).join('');
      left -= widthOf(some);
      return some === '' ? [] : [{ text: some, ink }];
    });
    return new Line([...spans, { text: '…' }]);
  }

  pad(columns: number, side: 'start' | 'end'): Line {
    const space = { text: ' '.repeat(Math.max(0, columns - this.width)) };
    return new Line(side === 'start' ? [space, ...this.spans] : [...this.spans, space]);
  }

  /** As it is written, without spaces at its end. */
  shown(isColoured: boolean): string {
    const last = this.spans.findLastIndex(({ text }) => text.trimEnd() !== '');
    return this.spans
      .slice(0, last + 1)
      .map(({ text, ink }, i) => {
        const trimmed = i === last ? text.trimEnd() : text;
        return isColoured && ink !== undefined ? `\u001b[${CODES[ink]}m${trimmed}\u001b[0m` : trimmed;
      })
      .join('');
  }
}

/** What can be a cell or a part of a line. */
export type Piece = Line | string | number;

const widthOf = (text: string): number => [...text].length;

export const paint = (ink: Ink, text: string | number): Line => Line.of(String(text), ink);

/** A line of a template: `line\`${paint('red', name)} failed\``. */
export const line = (parts: TemplateStringsArray, ...values: readonly Piece[]): Line =>
  Line.join(parts.flatMap((part, i) => (i < values.length ? [part, values[i] as Piece] : [part])));

/** Text of ours that has lines of its own. */
export const linesOf = (text: string): Line[] => text.split('\n').map((one) => Line.of(one));
