/** Rows of one stream: entry id and fields, which are null where the entry was deleted. */
export type Rows = [id: string, fields: string[] | null][];

/**
 * The answer of XREAD and XREADGROUP by stream: `[key, rows]` pairs. RESP3 gives a map, which ioredis lays out flat
 * (key, rows, key, rows…); RESP2 gives the pairs themselves; both give null when nothing came.
 */
export const byStream = (answer: unknown): [key: string, rows: Rows][] => {
  const list = (answer ?? []) as unknown[];
  if (Array.isArray(list[0])) return list as [string, Rows][];
  const pairs: [string, Rows][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) pairs.push([list[i] as string, list[i + 1] as Rows]);
  return pairs;
};
