/** What the labels of a series have to be, in the words of TS.MRANGE. */
export interface LabelFilter {
  readonly label: string;
  /** One of these; none: the label is not there. */
  readonly values: readonly string[];
  /** Turns it round: another value or none; with no values: the label is there. */
  readonly isNegated: boolean;
}

/**
 * The filter of `site=north`, `site!=north`, `site=(north,south)`, `site=` (has no such label) or `site!=` (has one);
 * undefined where the text is none. A value may be in double quotes, with `\"` and `\\` for a quote and a backslash:
 * `metric="(a)"`. The label `series` is the name of the series.
 */
export const parseLabelFilter = (text: string): LabelFilter | undefined => {
  const [, label, sign, value] = /^([^=!]+)(!?=)([\s\S]*)$/.exec(text) ?? [];
  if (label === undefined || value === undefined) return undefined;
  const values = valuesOf(value);
  return values === undefined ? undefined : { label, values, isNegated: sign === '!=' };
};

const valuesOf = (text: string): string[] | undefined => {
  if (text === '') return [];
  if (!text.startsWith('(') || !text.endsWith(')')) return text.startsWith('"') ? unquoted([text]) : [text];
  const list = text.slice(1, -1);
  return unquoted(list.includes('"') ? (list.match(BETWEEN_COMMAS) ?? []) : list.split(','));
};

const BETWEEN_COMMAS = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/gs;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/s;

const unquoted = (values: readonly string[]): string[] | undefined => {
  const all = values.map((one) => (one.startsWith('"') ? QUOTED.exec(one)?.[1]?.replace(/\\(.)/gs, '$1') : one));
  return all.every((one) => one !== undefined) ? all : undefined;
};

/** Whether labels are what the filter wants. As in TimeSeries, an empty label is none. */
export const matchesFilter = (
  labels: Readonly<Record<string, string>>,
  { label, values, isNegated }: LabelFilter,
): boolean => {
  const value = Object.hasOwn(labels, label) ? (labels[label] as string) : '';
  const isMatch = values.length === 0 ? value === '' : values.includes(value);
  return isMatch !== isNegated;
};
