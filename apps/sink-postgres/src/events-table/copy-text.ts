import type { Row } from '../target.js';
import { ATTRIBUTES } from './columns.js';

const DATA = '"data":';
const NULL = '\\N';
const KNOWN = new Set(ATTRIBUTES);
/** What the text format of COPY takes for itself. */
const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Rows in the text format of COPY; undefined where one of them is not as most are, and Postgres has to take it apart.
 *
 * Only what stands before `data` is parsed. If that, with `"data":null}` behind it, is an object, then the rest is the
 * value of `data`, or no JSON: Postgres says so, and the value reaches it as it came, with every digit.
 */
export const copyText = (rows: readonly Row[], needsTime = false): string | undefined => {
  let text = '';
  for (const row of rows) {
    const line = lineOf(row, needsTime);
    if (line === undefined) return undefined;
    text += line;
  }
  return text;
};

const lineOf = ({ topic, streamId, json }: Row, needsTime: boolean): string | undefined => {
  const at = json.indexOf(DATA);
  const attributes = parse(at < 0 ? json : `${json.slice(0, at)}"data":null}`);
  if (attributes === undefined || (at < 0 && Object.hasOwn(attributes, 'data'))) return undefined;
  const { source, id, type } = attributes;
  if (typeof source !== 'string' || typeof id !== 'string' || typeof type !== 'string') return undefined;
  if (needsTime && typeof attributes['time'] !== 'string') return undefined;
  const extensions = extensionsOf(attributes);
  const optional = [attributes['subject'], attributes['time'], attributes['datacontenttype'], attributes['dataschema']];
  const base64 = attributes['data_base64'];
  if (extensions === undefined || !optional.every(isTextOrNone) || !isTextOrNone(base64)) return undefined;
  const data = at < 0 ? NULL : escaped(json.slice(at + DATA.length, json.lastIndexOf('}')));
  const values = [topic, source, id, type, ...optional].map(column);
  return `${values.join('\t')}\t${data}\t${column(base64)}\t${extensions}\t${column(streamId)}\n`;
};

const parse = (json: string): Attributes | undefined => {
  // An escape may stand for what Postgres does not take as text.
  if (json.includes('\\')) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Attributes) : undefined;
  } catch {
    return undefined;
  }
};

const isTextOrNone = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (one) => ESCAPES[one] as string) : text;

const column = (value: unknown): string => (typeof value === 'string' ? escaped(value) : NULL);

/** The extensions as JSON; undefined where one is of no kind that CloudEvents has, and may be more than JavaScript holds. */
const extensionsOf = (attributes: Attributes): string | undefined => {
  let extensions: Record<string, unknown> | undefined;
  for (const name of Object.keys(attributes)) {
    if (KNOWN.has(name)) continue;
    const value = attributes[name];
    if (!isTextOrNone(value) && typeof value !== 'boolean' && !Number.isSafeInteger(value)) return undefined;
    extensions ??= {};
    extensions[name] = value;
  }
  return extensions === undefined ? NULL : escaped(JSON.stringify(extensions));
};
