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
  const field = (name: keyof DeadLetterFilter) => ({
    value: typed[name] ?? '',
    onChange: (value: string) => setTyped((before) => ({ ...before, [name]: value })),
    isWide: true,
  });
  const find = () => go(href(['dead-letters'], { ...typed }));
  return (
    <Form className="fields filter many" onSubmit={find} aria-label="Dead letter filter">
      <Input label="Group" {...field('group')} suggestions={sinks.map(({ name }) => name)} />
      <Input label="Error" {...field('error')} placeholder="error class" />
      <Input label="Event type" {...field('type')} />
      <Input label="Stream" {...field('stream')} placeholder="topic:orders" />
      <Input label="Text" {...field('text')} placeholder="in the event" />
      <Input label="Service" {...field('hop')} suggestions={[...new Set(sinks.map(({ hop }) => hop))]} />
      <Input label="From" {...field('from')} placeholder="time" />
      <Input label="To" {...field('to')} placeholder="time" />
      <Button type="submit">Search</Button>
      {isNarrowed(filter) ? (
        <a className="button quiet" href={href(['dead-letters'])}>
          Clear
        </a>
      ) : null}
    </Form>
  );
};
