import type { DryRun, EndpointList, Replay } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { useState } from 'react';
import { problemAt } from '../../api/api-error.js';
import { ask } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import { useAction } from '../../api/use-action.js';
import { useList } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { Area, Check, Choice, Form, Input } from '../../ui/field.js';
import { plural } from '../../ui/format.js';
import { Panel, Problem, Said } from '../../ui/panel.js';
import { isEndpoint, replayOf, sinksOf } from './replay-order.js';
import { LeftOut, StartDialog } from './start-dialog.js';

/** Members that have a field which says what is wrong with it. */
const FIELDS = ['from', 'to', 'perSecond', 'pattern'] as const;

/** Asks which events go to whom, and shows how many before anything is sent. */
export const ReplayForm = ({ topic: given, onBegin }: { topic: string; onBegin: () => void }) => {
  const { snapshot } = useLive();
  const topics = snapshot?.topics.map(({ name }) => name) ?? [];
  const [chosen, setTopic] = useState(given);
  const [wanted, setSink] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [pattern, setPattern] = useState('');
  const [perSecond, setPerSecond] = useState('500');
  const [isUnfiltered, setUnfiltered] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const topic = chosen || (topics[0] ?? '');
  const { data: endpoints } = useList<EndpointList>('webhooks');
  const sinks = sinksOf(topic, snapshot, endpoints, isUnfiltered);
  const sink = sinks.includes(wanted) ? wanted : (sinks[0] ?? '');
  const isPastFilter = isUnfiltered && isEndpoint(sink, endpoints);
  const { body, problem, refused } = replayOf({ topic, sink, from, to, pattern, perSecond, isPastFilter });
  const question = writeJson(body);
  const look = useAction(async () => {
    const counted = await ask<DryRun>('replays', { method: 'POST', body: { ...body, dryRun: true } });
    return { ...counted, question };
  });
  // What was counted for another question is no answer to this one.
  const counted = look.result?.question === question ? look.result : undefined;
  const begin = useAction(async () => {
    const begun = await ask<Replay>('replays', { method: 'POST', body });
    look.clear();
    setAsking(false);
    onBegin();
    return begun;
  });
  const failed = look.error ?? begin.error;
  const of = (field: (typeof FIELDS)[number]) => problemAt(failed, `/${field}`);
  const isOfField = FIELDS.some((field) => of(field) !== undefined);
  return (
    <Panel title="New replay">
      <Form className="stack" aria-label="New replay" onSubmit={() => refused === undefined && void look.run()}>
        <div className="fields">
          <Choice
            label="Topic"
            value={topic}
            onChange={setTopic}
            options={topics.includes(topic) || topic === '' ? topics : [topic, ...topics]}
          />
          <Choice label="Sink" value={sink} onChange={setSink} options={sinks} />
          <Input
            label="From"
            value={from}
            onChange={setFrom}
            problem={of('from')}
            placeholder="the oldest"
            hint="time or stream id"
            isWide
          />
          <Input
            label="To"
            value={to}
            onChange={setTo}
            problem={of('to')}
            placeholder="the newest"
            hint="time or stream id"
            isWide
          />
          <Input
            label="Max events/s"
            type="number"
            min={1}
            value={perSecond}
            onChange={setPerSecond}
            problem={of('perSecond')}
          />
        </div>
        <Area
          label="Filter"
          rows={2}
          value={pattern}
          onChange={setPattern}
          placeholder='{ "type": ["order.paid"] }'
          hint="An event pattern as JSON; empty matches every event."
          problem={problem ?? of('pattern')}
        />
        <Check label="Ignore the topics and filter of an endpoint" value={isUnfiltered} onChange={setUnfiltered} />
        {counted === undefined ? null : (
          <Said>
            {plural(counted.matched, 'event')} of {plural(counted.looked, 'event')} will be sent to {sink}
            {counted.complete ? '.' : ', and more beyond those that were searched.'}
            <LeftOut counted={counted} isPastFilter={isPastFilter} />
          </Said>
        )}
        {begin.result === undefined ? null : (
          <Said>
            Started: {begin.result.topic} to {begin.result.sink}.
          </Said>
        )}
        <Problem error={isOfField ? undefined : failed} />
        <div className="row">
          <Button type="submit" isBusy={look.isBusy} needs="operate" refused={refused}>
            Preview
          </Button>
          <Button
            kind="main"
            needs="operate"
            refused={refused}
            onClick={() => {
              setAsking(true);
              void look.run();
            }}
          >
            Start…
          </Button>
        </div>
      </Form>
      {isAsking ? (
        <StartDialog
          what={`${topic} to ${sink}`}
          perSecond={perSecond}
          counted={look.isBusy ? undefined : counted}
          isPastFilter={isPastFilter}
          error={look.error}
          action={begin}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Panel>
  );
};
