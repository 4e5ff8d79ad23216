import type { TraceSetting } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useQuery } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { Choice, Form } from '../../ui/field.js';
import { clock, percent } from '../../ui/format.js';
import { Panel, Problem } from '../../ui/panel.js';

const SHARES = [
  ['0', 'none'],
  ['0.01', '1 %'],
  ['0.1', '10 %'],
  ['1', 'all'],
] as const;
const SPANS = [
  ['', 'until changed'],
  ['300', 'for 5 min'],
  ['3600', 'for 1 h'],
] as const;

/** How many deliveries leave a record of each attempt. */
export const Sampling = () => {
  const settings = useQuery<TraceSetting>('trace');
  const [share, setShare] = useState('1');
  const [seconds, setSeconds] = useState('300');
  const save = useAction(async () => {
    const body = { sample: Number(share), ...(seconds === '' ? {} : { seconds: Number(seconds) }) };
    await ask<TraceSetting>('trace', { method: 'PUT', body });
    settings.reload();
  });
  const { data } = settings;
  return (
    <Panel
      title="Trace sampling"
      note={
        data === undefined
          ? undefined
          : `${percent(data.sample)} of deliveries${data.until === null ? '' : ` until ${clock(data.until)}`}`
      }
    >
      <div className="stack tight">
        <p className="soft">Failures are always recorded. Recording a successful delivery costs Redis one write.</p>
        <Form className="fields" aria-label="Trace sampling" onSubmit={() => void save.run()}>
          <Choice label="Share" value={share} onChange={setShare} options={SHARES} />
          <Choice label="Duration" value={seconds} onChange={setSeconds} options={SPANS} />
          <Button type="submit" needs="admin" isBusy={save.isBusy}>
            Apply
          </Button>
        </Form>
        <Problem error={save.error ?? settings.error} />
      </div>
    </Panel>
  );
};
