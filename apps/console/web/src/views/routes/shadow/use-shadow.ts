import type { Route, ShadowReport } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { pathOf } from '../../../api/address.js';
import { ask } from '../../../api/client.js';

/** What a route would do to the last events; asked a moment after the last key. */
export interface Shadow {
  readonly report?: ShadowReport;
  readonly error?: Error;
  readonly isLoading: boolean;
}

const AFTER_MS = 400;
export const SHADOW_LAST = 500;

export const useShadow = (route: Route | undefined): Shadow => {
  const [shadow, setShadow] = useState<Shadow>({ isLoading: false });
  const question = route === undefined ? undefined : writeJson(route);
  useEffect(() => {
    if (question === undefined) return setShadow({ isLoading: false });
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      setShadow((before) => ({ ...before, isLoading: true }));
      try {
        const named = parseJson(question) as Route;
        // A route that has no name yet is tried out under one that nobody has.
        const name = named.name === '' ? 'new-route' : named.name;
        const body = {
          route: { ...named, name, topics: [named.topics].flat().length === 0 ? ['new-topic'] : named.topics },
          last: SHADOW_LAST,
        };
        const report = await ask<ShadowReport>(`routes/${pathOf(name)}/shadow`, {
          method: 'POST',
          body,
          signal: stop.signal,
        });
        setShadow({ report, isLoading: false });
      } catch (error) {
        if (!stop.signal.aborted) setShadow({ error: error as Error, isLoading: false });
      }
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [question]);
  return shadow;
};
