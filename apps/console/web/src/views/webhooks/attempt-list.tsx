import type { EndpointAttempt, EndpointAttemptList, Resent } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { ApiError } from '../../api/api-error.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useQuery } from '../../api/use-query.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { duration } from '../../ui/format.js';
import { Empty, Panel, Problem, Said } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';
import { Clock } from '../../ui/time.js';

const LOOK_EVERY_MS = 2000;
/** What the API sends again stands in the inbox or in a topic. */
const RETAINED = /^(in|topic:.+)$/;

/** The code of what its topics and filter leave out. */
const FILTERED = 'filtered';

/** Requests to an endpoint, newest first. */
export const AttemptList = ({ name }: { name: string }) => {
  const path = `webhooks/${pathOf(name)}`;
  const { data, error, reload } = useQuery<EndpointAttemptList>(
    withQuery(`${path}/attempts`, { limit: 100 }),
    LOOK_EVERY_MS,
  );
  const [leftOut, setLeftOut] = useState<EndpointAttempt | undefined>();
  const resend = useAction(async (attempt: EndpointAttempt, unfiltered = false) => {
    const { stream, position, partition, id } = attempt;
    const body = { stream, position, partition, ...(unfiltered ? { unfiltered } : {}) };
    setLeftOut(undefined);
    try {
      const { warnings } = await ask<Resent>(`${path}/resend`, { method: 'POST', body });
      return [`${id} was resent with the same webhook-id.`, ...warnings].join(' ');
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== FILTERED) throw error;
      setLeftOut(attempt);
      return undefined;
    }
  });
  const columns: readonly Column<EndpointAttempt>[] = [
    { head: 'When', cell: ({ at }) => <Clock at={at} /> },
    {
      head: 'Response',
      cell: ({ status, failure }) => <Tag tone={failure === undefined ? 'good' : 'bad'}>{status ?? 'no response'}</Tag>,
    },
    {
      head: 'Event',
      cell: ({ type, source, id }) => (
        <a className="cut event" href={href(['trace'], { source, id })}>
          {type}
        </a>
      ),
    },
    { head: 'Attempt', isNumber: true, cell: ({ attempt }) => attempt },
    { head: 'Duration', isNumber: true, cell: ({ ms }) => duration(ms) },
    {
      head: 'Details',
      isExtra: true,
      cell: ({ failure, answer }) => (
        <span className={`cut answer ${failure === undefined ? 'soft' : 'bad'}`} title={failure ?? answer}>
          {failure ?? answer ?? ''}
        </span>
      ),
    },
    {
      head: 'Action',
      cell: (attempt) => (
        <Button
          kind="quiet"
          needs="operate"
          refused={
            RETAINED.test(attempt.stream) ? undefined : 'A test event is stored in no topic and cannot be resent.'
          }
          isBusy={resend.isBusy}
          onClick={() => void resend.run(attempt)}
        >
          Resend
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Attempts" note="last 100" isBare>
      <Problem error={error ?? resend.error} onRetry={error === undefined ? undefined : reload} />
      {resend.result === undefined ? null : <Said>{resend.result}</Said>}
      {leftOut === undefined ? null : (
        <Dialog
          title={`Send event ${leftOut.id} to ${name} despite its filter?`}
          onClose={() => setLeftOut(undefined)}
          actions={
            <Button kind="danger" needs="operate" isBusy={resend.isBusy} onClick={() => void resend.run(leftOut, true)}>
              Send anyway
            </Button>
          }
        >
          <p>
            The topics and filter of the endpoint exclude this event. <strong>1 event</strong> of type {leftOut.type}{' '}
            would be sent anyway.
          </p>
        </Dialog>
      )}
      <Table
        label="Attempts"
        columns={columns}
        rows={data?.attempts ?? []}
        keyOf={({ at, id, attempt }) => `${at} ${id} ${attempt}`}
        empty={
          <Empty title={data === undefined ? 'Loading attempts…' : 'No attempts yet.'}>
            Send a test event to see whether it responds.
          </Empty>
        }
      />
    </Panel>
  );
};
