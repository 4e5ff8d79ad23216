import { useSyncExternalStore } from 'react';
import { pathOf, withQuery } from '../api/address.js';

/**
 * Where the page is: what follows `#/`. It is the fragment, so that the page works below any path and the console has to
 * know none of its views.
 */
export interface PageLocation {
  /** The parts between slashes, unescaped; the first names the view. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export const placeOf = (hash: string): PageLocation => {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  return { parts: path.split('/').filter(Boolean).map(unescaped), query: new URLSearchParams(query) };
};

const unescaped = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Typed by hand: shown as it is.
  }
};

/** An address within the page. Empty members of the query are left out. */
export const href = (
  parts: readonly (string | number)[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string => withQuery(`#/${pathOf(...parts)}`, query);

let place = placeOf(location.hash);
const watch = (watcher: () => void): (() => void) => {
  const change = () => {
    place = placeOf(location.hash);
    watcher();
  };
  addEventListener('hashchange', change);
  return () => removeEventListener('hashchange', change);
};

export const usePlace = (): PageLocation => useSyncExternalStore(watch, () => place);

export const go = (to: string): void => {
  location.hash = to;
};

/** Goes there without leaving a step behind: for what is typed into a filter. */
export const replace = (to: string): void => {
  if (to === location.hash) return;
  history.replaceState(null, '', to);
  dispatchEvent(new HashChangeEvent('hashchange'));
};
