import { parseJson, writeJson } from '@millrace/json';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, withQuery } from '../../api/client.js';
import type { DeadLetter, DeadLetterFilter } from '../../api/types.js';
import { go, href } from '../../shell/location.js';
import { clock } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/panel.js';
import { VirtualList } from '../../ui/virtual-list.js';

interface Page {
  readonly deadLetters: readonly DeadLetter[];
  readonly next: string | null;
}

interface Read {
  readonly letters: readonly DeadLetter[];
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
}

const PAGE = 200;
const keyOf = ({ group, partition, id }: DeadLetter): string => `${group}/${partition}/${id}`;

const useLetters = (filter: DeadLetterFilter) => {
  const [read, setRead] = useState<Read>({ letters: [], next: null, isLoading: true, error: undefined });
  const stop = useRef(new AbortController());
  const question = writeJson(filter);
  const look = useCallback(
    async (cursor: string | undefined): Promise<void> => {
      const { signal } = stop.current;
      setRead((before) => ({
        ...(cursor === undefined ? { ...before, letters: [] } : before),
        isLoading: true,
        error: undefined,
      }));
      try {
        const query = { ...(parseJson(question) as DeadLetterFilter), cursor, limit: PAGE };
        const page = await ask<Page>(withQuery('dead-letters', query), { signal });
        setRead(({ letters }) => ({
          letters: [...letters, ...page.deadLetters],
          next: page.next,
          isLoading: false,
          error: undefined,
        }));
      } catch (error) {
        if (!signal.aborted) setRead((before) => ({ ...before, isLoading: false, error: error as Error }));
      }
    },
    [question],
  );
  useEffect(() => {
    stop.current = new AbortController();
    const { current } = stop;
    void look(undefined);
    return () => current.abort();
  }, [look]);
  const { next, isLoading, error } = read;
  const more = useCallback(() => {
    if (next && !isLoading && error === undefined) void look(next);
  }, [next, isLoading, error, look]);
  return { ...read, more, again: () => void look(undefined) };
};

/** The dead letters that fit, the newest first. */
export const LetterRows = ({ filter, chosen }: { filter: DeadLetterFilter; chosen: string | undefined }) => {
  const { letters, isLoading, error, more, again } = useLetters(filter);
  return (
    <>
      <Problem error={error} onRetry={again} />
      {letters.length === 0 && isLoading ? <Loading what="dead letters" /> : null}
      <VirtualList
        label="Dead letters"
        items={letters}
        keyOf={keyOf}
        rowHeight={46}
        maxRows={12}
        chosen={chosen}
        onChoose={({ group, partition, id }) => go(href(['dead-letters', group, partition, id], { ...filter }))}
        onNearEnd={more}
        row={({ group, error: name, message, lastFailedAt, stream }) => (
          <span className="letter-row">
            <span className="cut">
              <strong>{name}</strong> {message}
            </span>
            <span className="soft cut">
              {clock(lastFailedAt)} · {group} · {stream}
            </span>
          </span>
        )}
      />
    </>
  );
};
