import { RE2JS } from 're2js';

/** Escapes that mean the same to RE2 and to JavaScript; digits beside `\0` are back-references. */
const SAME_ESCAPE = /^\\(?:[dDwWbBnrtvf]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|0(?!\d)|[^\w\s])/;
/** What JavaScript's `\s` is beyond RE2's. */
const SPACE = '\\s\\v\\x{a0}\\x{feff}\\p{Z}';
const NO_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';

/**
 * The same in RE2's syntax; undefined where RE2 has no such thing (look-ahead, back-references) or another meaning for it: those
 * are JavaScript's own, and only the limit of time holds them.
 */
const translated = (pattern: string): string | undefined => {
  let made = '';
  let isInClass = false;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at, at + 6);
    let token = rest[0] as string;
    let written = token;
    if (rest.startsWith('\\s')) [token, written] = ['\\s', isInClass ? SPACE : `[${SPACE}]`];
    else if (rest.startsWith('\\S') && !isInClass) [token, written] = ['\\S', `[^${SPACE}]`];
    else if (token === '\\') {
      const escaped = SAME_ESCAPE.exec(rest)?.[0];
      if (escaped === undefined || (isInClass && /^\\[bB]/.test(escaped))) return undefined;
      token = escaped;
      written = escaped.startsWith('\\u') ? `\\x{${escaped.slice(2)}}` : escaped === '\\0' ? '\\x00' : escaped;
    } else if (isInClass) {
      if (token === '[') written = '\\['; // RE2 may see a class as `[:alpha:]`.
      isInClass = token !== ']';
    } else if (token === '[') {
      if (/^\[\^?\]/.test(rest)) return undefined;
      isInClass = true;
    } else if (token === '.') written = NO_LINE_END;
    else if (rest.startsWith('(?') && !rest.startsWith('(?:')) return undefined;
    made += written;
    at += token.length;
  }
  return made;
};

const compile = ({ source, ignoreCase, multiline }: RegExp): RE2JS | undefined => {
  const text = multiline ? undefined : translated(source);
  if (text === undefined) return undefined;
  try {
    return RE2JS.compile(text, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return undefined; // Larger than RE2 makes them.
  }
};

/** By the expression that wrote it: JSONata makes an engine for each evaluation. */
const compiled = new WeakMap<RegExp, { readonly re2: RE2JS | undefined }>();

const compiledOf = (written: RegExp): RE2JS | undefined => {
  const known = compiled.get(written) ?? { re2: compile(written) };
  compiled.set(written, known);
  return known.re2;
};

/**
 * A regular expression of an expression, as RE2 matches it: in time that is linear in the text, where JavaScript's own takes
 * exponential time for `^(a+)+$` and its like. For what only JavaScript has (look-ahead, back-references, the flag m) it is
 * JavaScript's. Has what JSONata asks of one, and no more.
 */
export class RegexEngine {
  lastIndex = 0;
  private readonly re2: RE2JS | undefined;
  private readonly native: RegExp;

  constructor(written: RegExp) {
    this.re2 = compiledOf(written);
    this.native = this.re2 === undefined ? new RegExp(written) : written;
  }

  /** The next match from `lastIndex` on, which is then at its end. */
  exec(text: string): RegExpExecArray | null {
    return this.re2 === undefined ? this.nativeMatch(text) : this.linearMatch(this.re2, text);
  }

  private nativeMatch(text: string): RegExpExecArray | null {
    this.native.lastIndex = this.lastIndex;
    const match = this.native.exec(text);
    this.lastIndex = this.native.lastIndex;
    return match;
  }

  private linearMatch(re2: RE2JS, text: string): RegExpExecArray | null {
    const matcher = re2.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, n) => matcher.group(n) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start(), input: text }) as RegExpExecArray;
  }
}
