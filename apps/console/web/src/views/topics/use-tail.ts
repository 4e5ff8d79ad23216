import type { Dropped, StoredEvent, Trouble } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { watchEvents } from '../../api/watch-events.js';

export interface Tail {
  /** The newest first. */
  readonly events: readonly StoredEvent[];
  /** How many came too fast to be shown. */
  readonly dropped: number;
  readonly trouble: string | undefined;
}

const KEPT = 10_000;
const SHOW_EVERY_MS = 200;
const NOTHING: Tail = { events: [], dropped: 0, trouble: undefined };

/** What comes into a topic from now on, while `isOn`. */
export const useTail = (topic: string, { type, text }: { type: string; text: string }, isOn: boolean): Tail => {
  const [tail, setTail] = useState(NOTHING);
  useEffect(() => {
    setTail(NOTHING);
    if (!isOn) return;
    const stop = new AbortController();
    let came: StoredEvent[] = [];
    // Drawn a few times a second, however many come.
    const timer = setInterval(() => {
      if (came.length === 0) return;
      const fresh = came.reverse();
      came = [];
      setTail((before) => ({ ...before, events: [...fresh, ...before.events].slice(0, KEPT) }));
    }, SHOW_EVERY_MS);
    const take = (name: string, data: string): void => {
      if (name === 'event') came.push(parseJson(data) as StoredEvent);
      else if (name === 'dropped')
        setTail((before) => ({
          ...before,
          dropped: before.dropped + (parseJson(data) as Dropped).dropped,
        }));
      else if (name === 'trouble') setTail((before) => ({ ...before, trouble: (parseJson(data) as Trouble).detail }));
    };
    watchEvents(withQuery(`topics/${pathOf(topic)}/tail`, { type, text }), stop.signal, ({ name, data }) =>
      take(name, data),
    )
      .then(() =>
        setTail((before) => ({ ...before, trouble: 'The console closed the stream; restart the live tail.' })),
      )
      .catch((error: Error) => {
        if (!stop.signal.aborted) setTail((before) => ({ ...before, trouble: error.message }));
      });
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [topic, type, text, isOn]);
  return tail;
};
