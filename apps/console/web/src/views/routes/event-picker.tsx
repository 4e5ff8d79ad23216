import type { EventPage, StoredEventDetail } from '@millrace/admin-api';
import { parseJson, writeJson } from '@millrace/json';
import { useEffect, useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { useQuery } from '../../api/use-query.js';
import { usePlace } from '../../shell/location.js';
import { Area, Choice } from '../../ui/field.js';
import { clock } from '../../ui/format.js';
import { readJson, written } from '../../ui/json-text.js';
import { attributesOf } from '../topics/attributes.js';

/** A real event to try things on: one of the newest, the one in the address, or one that is typed. */
export const EventPicker = ({ onPick }: { onPick: (event: unknown) => void }) => {
  const { query } = usePlace();
  const [of, streamId] = [query.get('of'), query.get('test')];
  const named = useQuery<StoredEventDetail>(
    of === null || streamId === null
      ? null
      : withQuery(`topics/${pathOf(of, 'events', streamId)}`, { partition: query.get('partition') }),
  );
  const newest = useQuery<EventPage>(withQuery('topics/in/events', { limit: 50 }));
  const events = [...(named.data === undefined ? [] : [named.data]), ...(newest.data?.events ?? [])].filter(
    ({ event }) => typeof event === 'object',
  );
  const [chosen, setChosen] = useState('0');
  const [text, setText] = useState<string | undefined>();
  const stored = events[Number(chosen)];
  const shown = text ?? (stored === undefined ? '' : written(stored.event));
  const { value, problem } = readJson(shown);
  const key = problem === undefined ? writeJson(value) : undefined;
  useEffect(() => onPick(key === undefined ? undefined : parseJson(key)), [key, onPick]);
  return (
    <div className="stack tight">
      <Choice
        label="Event"
        value={chosen}
        onChange={(next) => {
          setChosen(next);
          setText(undefined);
        }}
        options={events.map(
          (event, i) =>
            [String(i), `${clock(event.at)}  ${event.type}  ${attributesOf(event.event)['id'] ?? ''}`] as const,
        )}
        hint={events.length === 0 ? 'The inbox is empty; enter an event below.' : 'The newest events of the inbox.'}
      />
      <Area
        label="Event JSON"
        value={shown}
        onChange={setText}
        rows={8}
        problem={shown === '' ? undefined : problem}
        hint={text === undefined ? undefined : 'Edited: this text is tested.'}
      />
    </div>
  );
};
