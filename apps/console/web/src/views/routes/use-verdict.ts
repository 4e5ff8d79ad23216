import type { Explanation, PatternVerdict } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { ask } from '../../api/client.js';

export interface Verdict {
  readonly why?: Explanation;
  readonly error?: Error;
}

const AFTER_MS = 300;

/** Whether patterns match an event, and why; asked a moment after the last key. By the name of the pattern. */
export const useVerdicts = (
  patterns: Readonly<Record<string, unknown>>,
  event: unknown,
): Readonly<Record<string, Verdict>> => {
  const [verdicts, setVerdicts] = useState<Readonly<Record<string, Verdict>>>({});
  const question = event === undefined ? undefined : writeJson({ patterns, event });
  useEffect(() => {
    if (question === undefined) return setVerdicts({});
    const stop = new AbortController();
    const asked = parseJson(question) as { patterns: Record<string, unknown>; event: unknown };
    const one = async ([name, pattern]: [string, unknown]): Promise<[string, Verdict]> => {
      try {
        const body = { pattern, event: asked.event };
        const { why } = await ask<PatternVerdict>('routes/test', { method: 'POST', body, signal: stop.signal });
        return [name, { why }];
      } catch (error) {
        return [name, { error: error as Error }];
      }
    };
    const timer = setTimeout(async () => {
      const found = await Promise.all(Object.entries(asked.patterns).map(one));
      if (!stop.signal.aborted) setVerdicts(Object.fromEntries(found));
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [question]);
  return verdicts;
};
