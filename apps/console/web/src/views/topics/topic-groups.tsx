import type { TopicDetail } from '@millrace/admin-api';
import { Fragment, useState } from 'react';
import { href } from '../../shell/location.js';
import { compact, duration } from '../../ui/format.js';
import { Amount } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';
import { Ago } from '../../ui/time.js';

type Group = TopicDetail['groups'][number];

const Consumers = ({ group }: { group: Group }) => (
  <tr className="under">
    <td colSpan={5}>
      {group.consumers.length === 0 ? (
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
      )}
    </td>
  </tr>
);

/** The consumer groups of a topic; each unfolds to its consumers. */
export const TopicGroups = ({ groups }: { groups: readonly Group[] }) => {
  const [open, setOpen] = useState<string | undefined>();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of cells, no fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
    <div role="group" className="scroll" aria-label="Consumer groups" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col" className="n">
              Lag
            </th>
            <th scope="col" className="n">
              In flight
            </th>
            <th scope="col" className="n">
              Consumers
            </th>
            <th scope="col" className="extra">
              Oldest in flight
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group.group}>
              <tr>
                <td>
                  {group.hop === null ? group.group : <a href={href(['sinks', group.group])}>{group.group}</a>}{' '}
                  {group.hop === null ? <Tag>scratch</Tag> : null}
                </td>
                <td className="n">
                  <Amount value={group.lag} shown={compact(group.lag)} tone="warn" />
                </td>
                <td className="n">
                  <Amount value={group.pending} shown={compact(group.pending)} />
                </td>
                <td className="n">
                  <button
                    type="button"
                    className="button quiet"
                    aria-expanded={open === group.group}
                    aria-label={`${group.consumers.length} consumers of ${group.group}`}
                    onClick={() => setOpen(open === group.group ? undefined : group.group)}
                  >
                    {group.consumers.length}
                  </button>
                </td>
                <td className="extra">
                  <Ago at={group.oldestPendingAt} />
                </td>
              </tr>
              {open === group.group ? <Consumers group={group} /> : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
};
