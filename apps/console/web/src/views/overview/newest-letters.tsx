import type { DeadLetter } from '@millrace/admin-api';
import { href } from '../../shell/location.js';
import { type Column, Table } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';

const COLUMNS: readonly Column<DeadLetter>[] = [
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

export const NewestLetters = ({ letters }: { letters: readonly DeadLetter[] }) => (
  <Table
    label="Newest dead letters"
    columns={COLUMNS}
    rows={letters}
    keyOf={({ group, partition, id }) => `${group}/${partition}/${id}`}
  />
);
