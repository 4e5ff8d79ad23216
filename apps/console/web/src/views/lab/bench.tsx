import type { Lab } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { Button } from '../../ui/button.js';
import { Figures } from '../../ui/facts.js';
import { Form, Input } from '../../ui/field.js';
import { count, plural } from '../../ui/format.js';
import { Empty, Panel, Problem, Said } from '../../ui/panel.js';
import { Clock } from '../../ui/time.js';
import { Lanes } from './lanes.js';

type Step = { readonly method?: string; readonly path: string; readonly body?: unknown };

/** A number and the button that does something with it. */
const Tool = ({
  label,
  name,
  start,
  hint,
  isBusy,
  onRun,
}: {
  label: string;
  name: string;
  start: string;
  hint: string;
  isBusy: boolean;
  onRun: (value: number) => void;
}) => {
  const [value, setValue] = useState(start);
  const isWhole = /^\d{1,9}$/.test(value);
  return (
    <Form className="tool" aria-label={label} onSubmit={() => isWhole && onRun(Number(value))}>
      <Input
        label={name}
        type="number"
        min={0}
        value={value}
        onChange={setValue}
        problem={isWhole ? undefined : 'must be a whole number'}
        hint={hint}
      />
      <Button type="submit" needs="operate" isBusy={isBusy} refused={isWhole ? undefined : 'Enter a whole number.'}>
        {label}
      </Button>
    </Form>
  );
};

const WHAT_TO_DO =
  'Produce some events, add two consumers, crash one of them, and claim its pending events for the other.';

/** The tools, the consumers with what each holds, and what happened. */
export const Bench = ({ lab, onChange }: { lab: Lab; onChange: () => void }) => {
  const act = useAction(async ({ method = 'POST', path, body }: Step) => {
    const answer = await ask<(Lab & { trimmed?: number }) | undefined>(`lab/${pathOf(lab.topic)}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    onChange();
    return answer;
  });
  const run = (step: Step) => void act.run(step);
  const trimmed = act.result?.trimmed;
  const consumer = (name: string) => `/consumers/${pathOf(name)}`;
  return (
    <>
      <Figures
        figures={{
          Length: count(lab.length),
          Lag: count(lab.lag),
          Pending: count(lab.pending),
          Consumers: count(lab.consumers.length),
        }}
      />
      <Panel
        title="Tools"
        actions={
          lab.running ? (
            <Button
              kind="danger"
              needs="operate"
              isBusy={act.isBusy}
              onClick={() => run({ method: 'DELETE', path: '' })}
            >
              End the lab
            </Button>
          ) : undefined
        }
      >
        <div className="stack">
          <div className="tools">
            <Tool
              label="Produce"
              name="Events"
              start="50"
              hint="1 to 1,000"
              isBusy={act.isBusy}
              onRun={(n) => run({ path: '/produce', body: { count: n } })}
            />
            <Tool
              label="Add a consumer"
              name="Events a second"
              start="5"
              hint="processing rate"
              isBusy={act.isBusy}
              onRun={(n) => run({ path: '/consumers', body: { perSecond: n } })}
            />
            <Tool
              label="Claim"
              name="Idle for ms"
              start="0"
              hint="pending with crashed consumers"
              isBusy={act.isBusy}
              onRun={(n) => run({ path: '/claim', body: { minIdleMs: n } })}
            />
            <Tool
              label="Trim"
              name="Keep at most"
              start="1000"
              hint="entries of the copy; unacknowledged ones are kept"
              isBusy={act.isBusy}
              onRun={(n) => run({ path: '/trim', body: { maxLength: n } })}
            />
          </div>
          <Problem error={act.error} />
          {trimmed === undefined ? null : (
            <Said>
              {trimmed === 0
                ? 'Nothing was trimmed: the rest is not acknowledged yet, or the stream is within the limit.'
                : `${plural(trimmed, 'event')} trimmed.`}
            </Said>
          )}
        </div>
      </Panel>
      <Panel title="Consumers" note="each mark is a pending entry" isBare>
        {lab.consumers.length === 0 ? (
          <Empty title="No consumer yet.">{WHAT_TO_DO}</Empty>
        ) : (
          <Lanes
            lab={lab}
            isBusy={act.isBusy}
            onCrash={(name, after) => run({ path: `${consumer(name)}/crash`, body: { after } })}
            onRemove={(name) => run({ method: 'DELETE', path: consumer(name) })}
          />
        )}
      </Panel>
      {lab.log.length === 0 ? null : (
        <Panel title="Log" note="newest first">
          <ol className="log">
            {lab.log.map(({ at, text }) => (
              <li key={`${at} ${text}`}>
                <span className="soft">
                  <Clock at={at} />
                </span>
                <span className="wrap">{text}</span>
              </li>
            ))}
          </ol>
        </Panel>
      )}
    </>
  );
};
