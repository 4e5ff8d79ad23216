import type { DeadLetterFilter, PurgePreview, RedrivePreview } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { ask } from '../../api/client.js';

interface Counted {
  readonly count?: number;
  /** Why some of them would wait, each a sentence. */
  readonly warnings?: readonly string[];
  readonly error?: Error;
}

/** How many dead letters an action would touch; nothing is done to them. */
export const useDryRun = (action: 'redrive' | 'purge', filter: DeadLetterFilter): Counted => {
  const [found, setFound] = useState<Counted>({});
  const question = writeJson({ filter, dryRun: true });
  useEffect(() => {
    const stop = new AbortController();
    const body = parseJson(question) as unknown;
    ask<PurgePreview & Partial<RedrivePreview>>(`dead-letters/${action}`, {
      method: 'POST',
      body,
      signal: stop.signal,
    })
      .then(({ matched, warnings = [] }) => setFound({ count: matched, warnings }))
      .catch((error: Error) => !stop.signal.aborted && setFound({ error }));
    return () => stop.abort();
  }, [action, question]);
  return found;
};
