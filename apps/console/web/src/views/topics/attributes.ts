import { writeJson } from '@millrace/json';

/** The attributes of a CloudEvent that are text, by name; none where it is no event. */
export const attributesOf = (event: unknown): Readonly<Record<string, string | undefined>> => {
  if (typeof event !== 'object' || event === null) return {};
  return Object.fromEntries(
    Object.entries(event)
      .filter(([name]) => name !== 'data' && name !== 'data_base64')
      .map(([name, value]) => [name, typeof value === 'string' ? value : writeJson(value)]),
  );
};

/** The data of a CloudEvent; undefined where it has none, or is no event. */
export const dataOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null ? (event as { data?: unknown }).data : undefined;
