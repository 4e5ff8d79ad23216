import type { Redrive, RedriveList } from '@millrace/admin-api';
import { useEffect, useRef } from 'react';
import { pathOf } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useList } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { plural } from '../../ui/format.js';
import { Panel, Problem } from '../../ui/panel.js';
import { Progress } from '../../ui/progress.js';
import { Tag } from '../../ui/tag.js';
import { Ago } from '../../ui/time.js';
import { inWords } from './filter-query.js';

const LOOK_EVERY_MS = 1000;
const SHOWN = 5;
const SHOWN_FOR_MS = 600_000;

const Line = ({ redrive, onStop }: { redrive: Redrive; onStop: () => void }) => {
  const { id, filter, state, matched, redriven, withoutPayload, error, startedAt, perSecond } = redrive;
  return (
    <li>
      <span className="row">
        <Tag tone={state === 'failed' ? 'bad' : state === 'running' ? 'accent' : 'plain'}>{state}</Tag>
        <span>{inWords(filter)}</span>
        <span className="soft">
          {plural(redriven, 'sent', 'sent')} of {matched}, {perSecond}/s
        </span>
        {withoutPayload > 0 ? <span className="warn">{withoutPayload} without payload, kept</span> : null}
        <span className="soft">
          <Ago at={startedAt} />
        </span>
      </span>
      <span className="row">
        <Progress label={`Redrive ${id}`} done={redriven + withoutPayload} of={matched} />
        {state === 'running' ? (
          <Button needs="operate" onClick={onStop}>
            Stop
          </Button>
        ) : null}
      </span>
      <Problem error={error === undefined ? undefined : new Error(error)} />
    </li>
  );
};

/** What is being redriven, and what was a moment ago. */
export const Redrives = ({ onEnd }: { onEnd: () => void }) => {
  const { data, reload } = useList<RedriveList>('dead-letters/redrives', LOOK_EVERY_MS);
  const stop = useAction(async (id: string) => {
    await ask(`dead-letters/redrives/${pathOf(id)}`, { method: 'DELETE' });
    reload();
  });
  const running = data?.redrives.filter(({ state }) => state === 'running').length ?? 0;
  const before = useRef(running);
  useEffect(() => {
    if (running < before.current) onEnd();
    before.current = running;
  }, [running, onEnd]);
  const shown = (data?.redrives ?? []).filter(({ startedAt }) => Date.now() - startedAt < SHOWN_FOR_MS).slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <Panel title="Redrives" note={running > 0 ? 'in progress' : 'done'}>
      <ul className="runs">
        {shown.map((redrive) => (
          <Line key={redrive.id} redrive={redrive} onStop={() => void stop.run(redrive.id)} />
        ))}
      </ul>
      <Problem error={stop.error} />
    </Panel>
  );
};
