import { findText } from './find-text.js';

/** A wildcard pattern as the texts between its stars; a text without a star is one. */
export type Wildcard = readonly string[];

/** Reads a wildcard: `*` is any run, `\*` and `\\` are the characters. Returns what is wrong as a string. */
export const parseWildcard = (text: string): Wildcard | string => {
  const parts = [''];
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    if (c === '*') {
      if (text.charAt(i + 1) === '*') return `"**" at ${i}`;
      parts.push('');
    } else if (c === '\\') {
      i += 1;
      const escaped = text.charAt(i);
      if (escaped !== '*' && escaped !== '\\') return `a "\\" at ${i - 1} that escapes neither "*" nor "\\"`;
      parts[parts.length - 1] += escaped;
    } else parts[parts.length - 1] += c;
  }
  return parts;
};

/** Whether all of `text` matches. The leftmost place of each part is enough, so it never goes back. */
export const matchesWildcard = (parts: Wildcard, text: string): boolean => {
  const first = parts[0] as string;
  if (parts.length === 1) return text === first;
  const last = parts[parts.length - 1] as string;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const limit = text.length - last.length;
  for (let i = 1; i < parts.length - 1; i += 1) {
    const part = parts[i] as string;
    const found = findText(text, part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= limit;
};
