import './audit.css';
import type { AuditEntry, AuditPage } from '@millrace/admin-api';
import { useCallback, useEffect, useState } from 'react';
import { withQuery } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { type Column, Table } from '../../ui/table.js';
import { Clock } from '../../ui/time.js';

const PAGE = 100;

/** A detail in a line: `name a, filter (group b), changed c d`. Ends of a range that are none are left out. */
const inALine = (detail: unknown): string => {
  if (Array.isArray(detail)) return detail.map(inALine).join(' ');
  if (typeof detail !== 'object' || detail === null) return String(detail ?? '');
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '-' && value !== '+')
    .map(([name, value]) => `${name} ${isNamed(value) ? `(${inALine(value)})` : inALine(value)}`)
    .join(', ');
};

const isNamed = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'When', cell: ({ at }) => <Clock at={at} /> },
  {
    head: 'Actor',
    cell: ({ who }) => (who === '' ? <span className="soft">no API key</span> : <span className="mono">{who}</span>),
  },
  { head: 'Action', cell: ({ action }) => <strong>{action}</strong> },
  {
    head: 'Details',
    cell: ({ detail }) => (
      <span className="mono cut detail" title={inALine(detail)}>
        {inALine(detail)}
      </span>
    ),
  },
];

/** What was done by hand, by whom. */
export const Audit = () => {
  const [read, setRead] = useState<{
    entries: readonly AuditEntry[];
    next: string | null;
    isLoading: boolean;
    error?: Error;
  }>({
    entries: [],
    next: null,
    isLoading: true,
  });
  const look = useCallback(async (cursor: string | undefined): Promise<void> => {
    setRead(({ error: _, ...before }) => ({ ...before, isLoading: true }));
    try {
      const page = await ask<AuditPage>(withQuery('audit', { limit: PAGE, cursor }));
      setRead(({ entries }) => ({
        entries: cursor === undefined ? page.entries : [...entries, ...page.entries],
        next: page.next,
        isLoading: false,
      }));
    } catch (error) {
      setRead((before) => ({ ...before, isLoading: false, error: error as Error }));
    }
  }, []);
  useEffect(() => void look(undefined), [look]);
  const { entries, next, isLoading, error } = read;
  return (
    <>
      <Head title="Audit" actions={<Button onClick={() => void look(undefined)}>Refresh</Button>}>
        Manual changes, newest first.
      </Head>
      <Panel title="Entries" isBare>
        <Problem error={error} onRetry={() => void look(undefined)} />
        {entries.length === 0 && isLoading ? (
          <Loading what="the audit log" />
        ) : error !== undefined && entries.length === 0 ? null : (
          <Table
            label="Audit"
            columns={COLUMNS}
            rows={entries}
            keyOf={({ id }) => id}
            empty={
              <Empty title="No manual changes yet.">
                Redrives, purges, replays, pauses and every change of routes and endpoints are recorded here.
              </Empty>
            }
          />
        )}
        {next === null || next === undefined ? null : (
          <p className="row below">
            <Button kind="quiet" isBusy={isLoading} onClick={() => void look(next)}>
              Load more
            </Button>
          </p>
        )}
      </Panel>
    </>
  );
};
