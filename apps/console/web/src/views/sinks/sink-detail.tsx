import type { Sink } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Facts } from '../../ui/facts.js';
import { clock, count, plural } from '../../ui/format.js';
import { Panel, Problem, Said } from '../../ui/panel.js';
import { Ago } from '../../ui/time.js';
import { SinkState } from './sink-table.js';
import { forgetRefusal } from './sink-word.js';

const streamLink = (stream: string) => {
  const topic = stream === 'in' ? 'in' : /^topic:(.*)$/s.exec(stream)?.[1];
  if (topic === undefined) return <code key={stream}>{stream}</code>;
  const [to, shown] = topic === '*' ? [['topics'], 'all topics'] : [['topics', topic], topic];
  return (
    <a key={stream} href={href(to)}>
      {shown}
    </a>
  );
};

const Forget = ({ sink }: { sink: Sink }) => {
  const [isAsking, setAsking] = useState(false);
  const forget = useAction(async () => {
    await ask(`sinks/${pathOf(sink.name)}?discard=true`, { method: 'DELETE' });
    go(href(['sinks']));
  });
  return (
    <>
      <Button kind="danger" needs="admin" refused={forgetRefusal(sink, Date.now())} onClick={() => setAsking(true)}>
        Forget…
      </Button>
      {isAsking ? (
        <Confirm
          title={`Forget ${sink.name}?`}
          onClose={() => setAsking(false)}
          label="Forget it"
          action={forget}
          needs="admin"
          kind="danger"
        >
          <p>
            This discards {plural(sink.lag + sink.pending, 'undelivered event')}, {count(sink.parked)} scheduled for
            retry and {plural(sink.deadLetters, 'dead letter')}. Topics are no longer retained for it. If it starts
            again, it reads its topics from the beginning.
          </p>
        </Confirm>
      ) : null}
    </>
  );
};

/** One group, with what can be done about it. */
export const SinkDetail = ({ sink }: { sink: Sink }) => {
  const change = useAction((what: 'pause' | 'resume') =>
    ask<Sink>(`sinks/${pathOf(sink.name)}/${what}`, { method: 'POST' }),
  );
  const what = sink.paused ? 'resume' : 'pause';
  return (
    <Panel
      title={sink.name}
      actions={
        <>
          <Forget sink={sink} />
          <Button
            kind={sink.paused ? 'main' : 'plain'}
            needs="operate"
            isBusy={change.isBusy}
            onClick={() => void change.run(what)}
          >
            {sink.paused ? 'Resume' : 'Pause'}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Problem error={change.error} />
        {change.result === undefined ? null : (
          <Said>
            {change.result.paused
              ? 'Paused: no new events are read; those in flight are finished.'
              : 'Resumed: it reads again within a second.'}
          </Said>
        )}
        <Facts
          facts={{
            State: <SinkState sink={sink} />,
            Paused: sink.paused
              ? `${clock(sink.paused.at)} by ${sink.paused.who || 'a client without a key'}`
              : undefined,
            Service: sink.hop,
            Reads: <span className="row">{sink.streams.map(streamLink)}</span>,
            Consumers: count(sink.consumers),
            Lag: count(sink.lag),
            'In flight': count(sink.pending),
            'Scheduled retries': count(sink.parked),
            'Dead letters': <a href={href(['dead-letters'], { group: sink.name })}>{count(sink.deadLetters)}</a>,
            'Oldest unprocessed': <Ago at={sink.oldestWaitingAt} />,
            'Last heartbeat': <Ago at={sink.seenAt} />,
          }}
        />
      </div>
    </Panel>
  );
};
