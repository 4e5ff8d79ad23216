import { parseJson, writeJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { ask } from '../../api/client.js';
import type { DeadLetterFilter } from '../../api/types.js';

/** How many dead letters an action would touch; nothing is done to them. */
export const useDryRun = (action: 'redrive' | 'purge', filter: DeadLetterFilter): { count?: number; error?: Error } => {
  const [found, setFound] = useState<{ count?: number; error?: Error }>({});
  const question = writeJson({ filter, dryRun: true });
  useEffect(() => {
    const stop = new AbortController();
    const body = parseJson(question) as unknown;
    ask<{ matched: number }>(`dead-letters/${action}`, { method: 'POST', body, signal: stop.signal })
      .then(({ matched }) => setFound({ count: matched }))
      .catch((error: Error) => !stop.signal.aborted && setFound({ error }));
    return () => stop.abort();
  }, [action, question]);
  return found;
};
