import type { DeadLetter } from '@millrace/admin-api';
import { useLive } from '../../api/live.js';
import { href } from '../../shell/location.js';
import { Empty, Head, Panel } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { SinkTable } from '../sinks/sink-table.js';
import { Promises } from './promises.js';
import { Topology } from './topology.js';

const FIRST_EVENT = `curl http://127.0.0.1:8080/v1/events \\
  -H 'content-type: application/json' \\
  -d '{"type":"greeting","data":{"hello":"world"}}'`;

const LETTER_COLUMNS: readonly Column<DeadLetter>[] = [
  { head: 'Failed', cell: ({ lastFailedAt }) => <Ago at={lastFailedAt} /> },
  { head: 'Group', cell: ({ group }) => group },
  {
    head: 'Error',
    cell: ({ group, partition, id, error, message }) => (
      <a className="cut error" href={href(['dead-letters', group, partition, id])}>
        {error}: {message}
      </a>
    ),
  },
  { head: 'Attempts', isNumber: true, isExtra: true, cell: ({ attempts }) => attempts },
];

/** The pipeline at a glance: what moves, and a number for each promise. */
export const Overview = () => {
  const { snapshot } = useLive();
  const isEmpty = snapshot !== null && snapshot.inbox.length + snapshot.summary.events === 0;
  return (
    <>
      <Head title="Overview" />
      <div className="stack">
        <Promises />
        {isEmpty ? (
          <Panel title="No events yet" isBare>
            <Empty title="Send a first event to the gateway.">
              It is routed by its type; what no route matches goes to the topic <code>unrouted</code>.
              <pre>{FIRST_EVENT}</pre>
            </Empty>
          </Panel>
        ) : null}
        <Panel title="Flow" note="events/s (5 s average)">
          <Topology />
        </Panel>
        <Panel title="Router and sinks" isBare actions={<a href={href(['sinks'])}>View all</a>}>
          <SinkTable sinks={snapshot?.sinks ?? []} />
        </Panel>
        {snapshot !== null && snapshot.deadLetters.length > 0 ? (
          <Panel title="Newest dead letters" isBare actions={<a href={href(['dead-letters'])}>View all</a>}>
            <Table
              label="Newest dead letters"
              columns={LETTER_COLUMNS}
              rows={snapshot.deadLetters}
              keyOf={({ group, partition, id }) => `${group}/${partition}/${id}`}
            />
          </Panel>
        ) : null}
      </div>
    </>
  );
};
