import type { RouteList as AllRoutes, Route } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { Fragment } from 'react';
import { href } from '../../shell/location.js';
import { Empty, Panel } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Tag } from '../../ui/tag.js';

interface Row {
  readonly name: string;
  readonly route: Route;
  readonly origin: 'file' | 'redis' | 'draft';
  readonly isHidden: boolean;
  readonly hasDraft: boolean;
}

const rowsOf = ({ routes, drafts }: AllRoutes): Row[] => {
  const drafted = new Set(drafts.map(({ name }) => name));
  const inForce = routes.map(
    ({ route, origin, isHidden }): Row => ({
      name: route.name,
      route,
      origin,
      isHidden,
      hasDraft: drafted.has(route.name),
    }),
  );
  const names = new Set(inForce.map(({ name }) => name));
  const alone = drafts
    .filter(({ name }) => !names.has(name))
    .map((route): Row => ({ name: route.name, route, origin: 'draft', isHidden: false, hasDraft: true }));
  return [...inForce, ...alone];
};

const Topics = ({ topics }: { topics: unknown }) => (
  <>
    {[topics].flat().map((topic, i) => (
      <Fragment key={String(topic)}>
        {i > 0 ? ', ' : ''}
        <a href={href(['topics', String(topic)])}>{String(topic)}</a>
      </Fragment>
    ))}
  </>
);

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Route', cell: ({ name }) => <a href={href(['routes', name])}>{name}</a> },
  {
    head: 'State',
    cell: ({ origin, isHidden, hasDraft }) => (
      <span className="row states">
        {origin === 'draft' ? null : (
          <Tag tone={isHidden ? 'warn' : 'good'}>{isHidden ? 'overridden by the file' : 'live'}</Tag>
        )}
        {hasDraft ? <Tag tone="accent">draft</Tag> : null}
      </span>
    ),
  },
  { head: 'To', cell: ({ route }) => <Topics topics={route.topics} /> },
  {
    head: 'Pattern',
    isExtra: true,
    cell: ({ route }) => <code className="cut rule">{writeJson(route.pattern ?? route.filters)}</code>,
  },
  { head: 'Priority', isNumber: true, isExtra: true, cell: ({ route }) => String(route.priority ?? 100) },
  {
    head: 'Transform',
    isExtra: true,
    cell: ({ route }) => (route.transform === undefined ? <span className="soft">–</span> : 'yes'),
  },
  {
    head: 'Managed by',
    isExtra: true,
    cell: ({ origin }) => <span className="soft">{origin === 'file' ? 'file' : 'Redis'}</span>,
  },
];

/** Every route, live or drafted. */
export const RouteList = ({ all }: { all: AllRoutes }) => {
  const rows = rowsOf(all);
  return (
    <Panel title="Routes" note={`${rows.length}`} isBare>
      <Table
        label="Routes"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ name, origin }) => `${origin} ${name}`}
        empty={
          <Empty title="No routes: every event goes to unrouted.">
            <a href={href(['routes'], { new: 1 })}>Create one</a>, or set <code>ROUTES_FILE</code> on the router.
          </Empty>
        }
      />
    </Panel>
  );
};
