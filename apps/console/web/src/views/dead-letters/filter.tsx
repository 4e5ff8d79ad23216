import type { DeadLetterFilter } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { useState } from 'react';
import { useLive } from '../../api/live.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Form, Input } from '../../ui/field.js';
import { isNarrowed } from './filter-query.js';

/** The filter in the address: what is listed, redriven and purged. */
export const LetterFilter = ({ filter }: { filter: DeadLetterFilter }) => (
  <FilterForm key={writeJson(filter)} filter={filter} />
);

const FilterForm = ({ filter }: { filter: DeadLetterFilter }) => {
  const [typed, setTyped] = useState(filter);
  const sinks = useLive().snapshot?.sinks ?? [];
  const put = (name: keyof DeadLetterFilter) => (value: string) => setTyped((before) => ({ ...before, [name]: value }));
  const find = () => go(href(['dead-letters'], { ...typed }));
  return (
    <Form className="fields filter many" onSubmit={find} aria-label="Dead letter filter">
      <Input
        label="Group"
        value={typed.group ?? ''}
        onChange={put('group')}
        suggestions={sinks.map(({ name }) => name)}
        isWide
      />
      <Input label="Error" value={typed.error ?? ''} onChange={put('error')} placeholder="error class" isWide />
      <Input label="Event type" value={typed.type ?? ''} onChange={put('type')} isWide />
      <Input label="Stream" value={typed.stream ?? ''} onChange={put('stream')} placeholder="topic:orders" isWide />
      <Input label="Text" value={typed.text ?? ''} onChange={put('text')} placeholder="in the event" isWide />
      <Input
        label="Service"
        value={typed.hop ?? ''}
        onChange={put('hop')}
        suggestions={[...new Set(sinks.map(({ hop }) => hop))]}
        isWide
      />
      <Input label="From" value={typed.from ?? ''} onChange={put('from')} placeholder="time" isWide />
      <Input label="To" value={typed.to ?? ''} onChange={put('to')} placeholder="time" isWide />
      <Button type="submit">Search</Button>
      {isNarrowed(filter) ? (
        <a className="button quiet" href={href(['dead-letters'])}>
          Clear
        </a>
      ) : null}
    </Form>
  );
};
