import type { DeadLetterFilter, DeadLetterGroup } from '@millrace/admin-api';
import { href } from '../../shell/location.js';
import { count } from '../../ui/format.js';
import { type Column, Table } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';

const columns: readonly Column<DeadLetterGroup>[] = [
  {
    head: 'Count',
    isNumber: true,
    cell: (one) => <strong>{one.isExact ? count(one.count) : `at least ${count(one.count)}`}</strong>,
  },
  {
    head: 'Error',
    cell: ({ group, error, message }) => (
      <a className="cut error" title={message} href={href(['dead-letters'], { group, error })}>
        {error} <span className="soft">{message}</span>
      </a>
    ),
  },
  { head: 'Group', cell: ({ group }) => group },
  { head: 'From', isExtra: true, cell: ({ streams }) => <span className="soft">{streams.join(', ')}</span> },
  { head: 'Newest', cell: ({ newestAt }) => <Ago at={newestAt} /> },
  { head: 'Oldest', isExtra: true, cell: ({ oldestAt }) => <Ago at={oldestAt} /> },
];

/** Dead letters by group and class of error. */
export const LetterGroups = ({ groups, filter }: { groups: readonly DeadLetterGroup[]; filter: DeadLetterFilter }) => (
  <Table
    label="Dead letters by error"
    columns={columns}
    rows={groups}
    keyOf={({ group, error }) => `${group} ${error}`}
    isChosen={({ group, error }) => filter.group === group && filter.error === error}
  />
);
