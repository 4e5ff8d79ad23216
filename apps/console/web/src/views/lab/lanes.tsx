import type { Lab } from '@millrace/admin-api';
import { useState } from 'react';
import { Button } from '../../ui/button.js';
import { Form } from '../../ui/field.js';
import { count, duration } from '../../ui/format.js';
import { Tag } from '../../ui/tag.js';

type Consumer = Lab['consumers'][number];
type Entry = Lab['entries'][number];

const Mark = ({ entry }: { entry: Entry }) => (
  <li
    className={entry.deliveries > 1 ? 'mark again' : 'mark'}
    title={`${entry.id}, idle ${duration(entry.idleMs)}, delivered ${count(entry.deliveries)} times`}
  />
);

interface LaneProps {
  readonly consumer: Consumer;
  readonly entries: readonly Entry[];
  readonly isBusy: boolean;
  readonly onCrash: (name: string, after: number) => void;
  readonly onRemove: (name: string) => void;
}

const Lane = ({ consumer, entries, isBusy, onCrash, onRemove }: LaneProps) => {
  const [after, setAfter] = useState('0');
  const { name, state, handled, pending, idleMs, crashAfter } = consumer;
  const hidden = pending - entries.length;
  return (
    <li className="lane">
      <div className="row ends">
        <span className="row">
          <strong className="mono">{name}</strong>
          <Tag tone={state === 'running' ? 'good' : 'bad'}>{state}</Tag>
          <span className="soft">
            {count(handled)} done, {count(pending)} pending, idle {duration(idleMs)}
            {crashAfter === null ? '' : `, crashes after ${crashAfter} more`}
          </span>
        </span>
        <span className="row">
          {state === 'running' ? (
            <Form className="row crash" onSubmit={() => onCrash(name, Number(after))}>
              <Button type="submit" kind="danger" needs="operate" isBusy={isBusy}>
                Crash after
              </Button>
              <input
                aria-label={`Entries that ${name} handles before it crashes`}
                type="number"
                min={0}
                value={after}
                onChange={(event) => setAfter(event.target.value)}
              />
            </Form>
          ) : null}
          <Button needs="operate" isBusy={isBusy} onClick={() => onRemove(name)}>
            Remove
          </Button>
        </span>
      </div>
      <ul className="marks" aria-label={`Pending with ${name}`}>
        {entries.map((entry) => (
          <Mark key={`${entry.partition}/${entry.id}`} entry={entry} />
        ))}
        {hidden > 0 ? <li className="soft">and {count(hidden)} more</li> : null}
        {pending === 0 ? <li className="soft">nothing pending</li> : null}
      </ul>
    </li>
  );
};

/** A lane for each consumer, with a mark for each entry that is pending with it. */
export const Lanes = ({ lab, ...more }: { lab: Lab } & Pick<LaneProps, 'isBusy' | 'onCrash' | 'onRemove'>) => (
  <ul className="lanes">
    {lab.consumers.map((consumer) => (
      <Lane
        key={consumer.name}
        consumer={consumer}
        entries={lab.entries.filter((entry) => entry.consumer === consumer.name)}
        {...more}
      />
    ))}
  </ul>
);
