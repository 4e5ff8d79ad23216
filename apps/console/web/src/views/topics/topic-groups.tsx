import type { TopicDetail } from '@millrace/admin-api';
import { useState } from 'react';
import { href } from '../../shell/location.js';
import { compact, duration } from '../../ui/format.js';
import { Amount, type Column, Table } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';
import { Ago } from '../../ui/time.js';

type Group = TopicDetail['groups'][number];

const Consumers = ({ group }: { group: Group }) =>
  group.consumers.length === 0 ? (
    <span className="soft">No consumer is running in this group.</span>
  ) : (
    <ul className="consumers">
      {group.consumers.map(({ name, pending, idleMs, partition }) => (
        <li key={`${partition}/${name}`}>
          <span className="mono cut">{name}</span>
          <span>{compact(pending)} in flight</span>
          <span className="soft">active {duration(idleMs)} ago</span>
          <span className="soft">p{partition}</span>
        </li>
      ))}
    </ul>
  );

/** The consumer groups of a topic; each unfolds to its consumers. */
export const TopicGroups = ({ groups }: { groups: readonly Group[] }) => {
  const [open, setOpen] = useState<string | undefined>();
  const columns: readonly Column<Group>[] = [
    {
      head: 'Group',
      cell: ({ hop, group }) => (
        <>
          {hop === null ? group : <a href={href(['sinks', group])}>{group}</a>}{' '}
          {hop === null ? <Tag>scratch</Tag> : null}
        </>
      ),
    },
    { head: 'Lag', isNumber: true, cell: ({ lag }) => <Amount value={lag} tone="warn" /> },
    { head: 'In flight', isNumber: true, cell: ({ pending }) => <Amount value={pending} /> },
    {
      head: 'Consumers',
      isNumber: true,
      cell: ({ group, consumers }) => (
        <button
          type="button"
          className="button quiet"
          aria-expanded={open === group}
          aria-label={`${consumers.length} consumers of ${group}`}
          onClick={() => setOpen(open === group ? undefined : group)}
        >
          {consumers.length}
        </button>
      ),
    },
    { head: 'Oldest in flight', isExtra: true, cell: ({ oldestPendingAt }) => <Ago at={oldestPendingAt} /> },
  ];
  return (
    <Table
      label="Consumer groups"
      columns={columns}
      rows={groups}
      keyOf={({ group }) => group}
      below={(group) => (group.group === open ? <Consumers group={group} /> : undefined)}
    />
  );
};
