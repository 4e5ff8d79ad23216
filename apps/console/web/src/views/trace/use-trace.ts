import type { Trace } from '@millrace/admin-api';
import { useCallback, useEffect, useState } from 'react';
import { withQuery } from '../../api/address.js';
import { type Query, useQuery } from '../../api/use-query.js';

const LOOK_EVERY_MS = 3000;

/** The way of an event, and how far it was looked for. */
export interface TraceSearch extends Query<Trace> {
  /** Entries that were looked through, of all requests. */
  readonly looked: number;
  readonly isSearching: boolean;
  readonly stop: () => void;
  readonly more: () => void;
}

interface SearchPoint {
  readonly name: string;
  readonly cursor: string | undefined;
  /** Entries that were looked through before it. */
  readonly before: number;
  readonly isStopped: boolean;
}

/** Asks for the way of an event; where it is not known where the event stands, goes on looking by itself. */
export const useTrace = (source: string, id: string): TraceSearch => {
  const name = `${source} ${id}`;
  const start: SearchPoint = { name, cursor: undefined, before: 0, isStopped: false };
  const [kept, setPlace] = useState(start);
  const place = kept.name === name ? kept : start;
  const isAsked = source !== '' && id !== '';
  const query = useQuery<Trace>(
    isAsked ? withQuery('events/trace', { source, id, cursor: place.cursor }) : null,
    LOOK_EVERY_MS,
  );
  const { data } = query;
  const next = data?.next ?? null;
  const looked = place.before + (data?.looked ?? 0);
  const more = useCallback(() => {
    if (next !== null) setPlace({ name, cursor: next, before: looked, isStopped: false });
  }, [next, name, looked]);
  useEffect(() => {
    if (!place.isStopped) more();
  }, [place.isStopped, more]);
  const stop = () => setPlace({ ...place, isStopped: true });
  return { ...query, looked, isSearching: next !== null && !place.isStopped, stop, more };
};
