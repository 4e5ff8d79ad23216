import type { Sink } from '@millrace/admin-api';
import { href } from '../../shell/location.js';
import { compact } from '../../ui/format.js';
import { Amount, type Column, Table } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';
import { Ago } from '../../ui/time.js';
import { sinkWord } from './sink-word.js';

/** The status of a group in a word. */
export const SinkState = ({ sink }: { sink: Sink }) => {
  const [word, tone] = sinkWord(sink, Date.now());
  return <Tag tone={tone}>{word}</Tag>;
};

export const SINK_COLUMNS: readonly Column<Sink>[] = [
  { head: 'Group', cell: ({ name }) => <a href={href(['sinks', name])}>{name}</a> },
  { head: 'State', cell: (sink) => <SinkState sink={sink} /> },
  { head: 'Consumers', isNumber: true, isExtra: true, cell: ({ consumers }) => compact(consumers) },
  { head: 'Lag', isNumber: true, cell: ({ lag }) => <Amount value={lag} /> },
  { head: 'In flight', isNumber: true, isExtra: true, cell: ({ pending }) => <Amount value={pending} /> },
  { head: 'Scheduled retries', isNumber: true, cell: ({ parked }) => <Amount value={parked} tone="warn" /> },
  {
    head: 'Dead letters',
    isNumber: true,
    cell: ({ name, deadLetters }) =>
      deadLetters === 0 ? (
        <span className="soft">0</span>
      ) : (
        <a className="bad" href={href(['dead-letters'], { group: name })}>
          {compact(deadLetters)}
        </a>
      ),
  },
  { head: 'Oldest unprocessed', isExtra: true, cell: ({ oldestWaitingAt }) => <Ago at={oldestWaitingAt} /> },
  { head: 'Last heartbeat', isExtra: true, cell: ({ seenAt }) => <Ago at={seenAt} /> },
];

export const SinkTable = ({ sinks }: { sinks: readonly Sink[] }) => (
  <Table label="Router and sinks" columns={SINK_COLUMNS} rows={sinks} keyOf={({ name }) => name} />
);
