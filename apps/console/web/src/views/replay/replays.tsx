import type { Replay, ReplayList } from '@millrace/admin-api';
import { pathOf } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useList } from '../../api/use-query.js';
import { usePlace } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { count } from '../../ui/format.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Progress } from '../../ui/progress.js';
import { type Column, Table } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';
import { Ago } from '../../ui/time.js';
import type { Tone } from '../../ui/tone.js';
import { ReplayForm } from './replay-form.js';

const LOOK_EVERY_MS = 1000;
const TONES: Readonly<Record<Replay['state'], Tone>> = {
  running: 'accent',
  paused: 'warn',
  done: 'good',
  cancelled: 'plain',
  stopped: 'plain',
  failed: 'bad',
};

/** Retained events sent to one sink again, alongside live traffic. */
export const Replays = () => {
  const { query } = usePlace();
  const { data, error, reload } = useList<ReplayList>('replays', LOOK_EVERY_MS);
  const change = useAction(async (id: string, what: 'pause' | 'resume' | 'cancel') => {
    if (what === 'cancel') await ask(`replays/${pathOf(id)}`, { method: 'DELETE' });
    else await ask(`replays/${pathOf(id)}/${what}`, { method: 'POST' });
    reload();
  });
  const isOpen = ({ state }: Replay) => state === 'running' || state === 'paused';
  const columns: readonly Column<Replay>[] = [
    { head: 'State', cell: ({ state }) => <Tag tone={TONES[state]}>{state}</Tag> },
    { head: 'Topic', cell: ({ topic }) => topic },
    { head: 'Sink', cell: ({ sink }) => sink },
    {
      head: 'Progress',
      cell: ({ id, looked, total, state }) => (
        <Progress label={`Replay ${id}`} done={looked} of={state === 'done' ? looked : total} />
      ),
    },
    { head: 'Sent', isNumber: true, cell: ({ sent }) => count(sent) },
    { head: 'Rate', isNumber: true, isExtra: true, cell: ({ perSecond }) => `${count(perSecond)}/s` },
    { head: 'Started', isExtra: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
    {
      head: 'Action',
      cell: (replay) =>
        isOpen(replay) ? (
          <span className="row">
            <Button
              needs="operate"
              isBusy={change.isBusy}
              onClick={() => void change.run(replay.id, replay.state === 'paused' ? 'resume' : 'pause')}
            >
              {replay.state === 'paused' ? 'Resume' : 'Pause'}
            </Button>
            <Button
              needs="operate"
              kind="danger"
              isBusy={change.isBusy}
              onClick={() => void change.run(replay.id, 'cancel')}
            >
              Cancel
            </Button>
          </span>
        ) : (
          <span className={replay.error === null ? 'soft' : 'bad'}>{replay.error ?? '–'}</span>
        ),
    },
  ];
  return (
    <>
      <Head title="Replay">Sends retained events to one sink again, alongside live traffic.</Head>
      <div className="stack">
        <ReplayForm key={query.get('topic')} topic={query.get('topic') ?? ''} onBegin={reload} />
        <Problem error={change.error} />
        <Panel title="Replays" isBare>
          <Problem error={error} onRetry={reload} />
          {data === undefined ? (
            <Loading what="replays" unless={error} />
          ) : (
            <Table
              label="Replays"
              columns={columns}
              rows={data.replays}
              keyOf={({ id }) => id}
              empty={
                <Empty title="No replays yet.">
                  Choose a topic and a sink above. Preview what it would send before you start: the sink gets each event
                  once more.
                </Empty>
              }
            />
          )}
        </Panel>
      </div>
    </>
  );
};
