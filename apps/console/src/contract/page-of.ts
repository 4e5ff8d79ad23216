import type { ListQuery } from '@millrace/admin-api';
import { refused } from './points.js';

/** What an answer lists, by its members: each item under the name that is its own in that list. */
type Lists = Readonly<Record<string, readonly (readonly [name: string, item: unknown])[]>>;
type PageOf<L extends Lists> = { readonly [M in keyof L]: L[M][number][1][] } & { readonly next: string | null };

/**
 * A page of lists, all of them together by name: what comes after the cursor, which is the name and the list of what came last.
 * So nothing comes twice and nothing is left out where others are added or deleted between two pages. Throws a 400.
 */
export const pageOf = <const L extends Lists>(
  lists: L,
  { limit, cursor }: ListQuery,
  order: 'ascending' | 'descending' = 'ascending',
): PageOf<L> => {
  const after = cursor === undefined ? undefined : placeIn(lists, cursor);
  const sign = order === 'ascending' ? 1 : -1;
  const rest = Object.entries(lists)
    .flatMap(([member, list]) => list.map(([name, item]) => ({ place: `${name}\0${member}`, member, item })))
    .filter(({ place }) => after === undefined || sign * compare(place, after) > 0)
    .sort((a, b) => sign * compare(a.place, b.place));
  const page = rest.slice(0, limit);
  const last = rest.length > limit ? page.at(-1) : undefined;
  const members = Object.keys(lists).map((name) => [
    name,
    page.filter(({ member }) => member === name).map(({ item }) => item),
  ]);
  return {
    ...Object.fromEntries(members),
    next: last === undefined ? null : Buffer.from(last.place).toString('base64url'),
  };
};

/** The same on every machine, whatever its languages. */
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

const placeIn = (lists: Lists, cursor: string): string => {
  const place = Buffer.from(cursor, 'base64url').toString();
  const isOne =
    Buffer.from(place).toString('base64url') === cursor && Object.hasOwn(lists, place.split('\0').at(-1) as string);
  if (!isOne) throw refused('cursor', cursor, 'the `next` of an earlier answer');
  return place;
};
