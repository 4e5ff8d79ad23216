import './dead-letters.css';
import type { DeadLetterFilter, DeadLetterGroups } from '@millrace/admin-api';
import { useState } from 'react';
import { withQuery } from '../../api/address.js';
import { useQuery } from '../../api/use-query.js';
import { href, usePlace } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { count, plural } from '../../ui/format.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { LetterFilter } from './filter.js';
import { filterOfQuery, foundIn, isNarrowed } from './filter-query.js';
import { LetterDetail } from './letter-detail.js';
import { LetterGroups } from './letter-groups.js';
import { LetterRows } from './letter-rows.js';
import { PurgeDialog } from './purge-dialog.js';
import { RedriveDialog } from './redrive-dialog.js';
import { Redrives } from './redrives.js';

const LOOK_EVERY_MS = 5000;

const Nothing = ({ filter }: { filter: DeadLetterFilter }) =>
  isNarrowed(filter) ? (
    <Empty title="No matches.">Widen the filter, or clear it.</Empty>
  ) : (
    <Empty title="No failed events.">
      An event is dead-lettered when a sink rejects it or its last attempt fails. It stays until it is redriven or
      purged.
    </Empty>
  );

/** Dead letters: grouped, looked at, edited, redriven. */
export const DeadLettersView = () => {
  const { parts, query } = usePlace();
  const [, group, partition, id] = parts;
  const filter = filterOfQuery(query);
  const groups = useQuery<DeadLetterGroups>(withQuery('dead-letters/groups', { ...filter }), LOOK_EVERY_MS);
  const [asked, setAsked] = useState<'redrive' | 'purge' | undefined>();
  const [turn, setTurn] = useState(0);
  const { data } = groups;
  const found = data && foundIn(data);
  const isNone = found === 'none';
  const changed = () => {
    groups.reload();
    setTurn((before) => before + 1);
  };
  const none = isNone ? 'No dead letter matches the filter.' : undefined;
  return (
    <>
      <Head
        title="Dead letters"
        actions={
          <>
            <Button needs="operate" refused={none} kind="danger" onClick={() => setAsked('purge')}>
              Purge…
            </Button>
            <Button needs="operate" refused={none} kind="main" onClick={() => setAsked('redrive')}>
              Retry matching…
            </Button>
          </>
        }
      >
        {data === undefined
          ? 'Events that failed permanently.'
          : `${plural(data.total, 'event')} that failed permanently`}
      </Head>
      <div className="stack">
        <Redrives onEnd={changed} />
        <Panel title="By error" note={data === undefined ? undefined : `${plural(data.errors.length, 'kind')}`} isBare>
          <LetterFilter filter={filter} />
          <Problem error={groups.error} onRetry={groups.reload} />
          {data === undefined ? (
            <Loading what="dead letters" unless={groups.error} />
          ) : found === 'none' ? (
            <Nothing filter={filter} />
          ) : found === 'none yet' ? (
            <Empty title={`No matches among the newest ${count(data.looked)} of ${count(data.total)}.`}>
              The list below searches all of them.
            </Empty>
          ) : (
            <LetterGroups groups={data.errors} filter={filter} />
          )}
        </Panel>
        {isNone && id === undefined ? null : (
          <div className={id === undefined ? 'stack' : 'split side'}>
            <Panel title="Dead letters" note="newest first" isBare>
              <LetterRows
                key={turn}
                filter={filter}
                chosen={id === undefined ? undefined : `${group}/${partition}/${id}`}
              />
            </Panel>
            {group === undefined || partition === undefined || id === undefined ? null : (
              <LetterDetail
                key={`${group}/${partition}/${id}`}
                place={{ group, partition: Number(partition), id }}
                onChange={changed}
              />
            )}
          </div>
        )}
        {group !== undefined && id === undefined ? <a href={href(['dead-letters'])}>All dead letters</a> : null}
      </div>
      {asked === 'redrive' ? (
        <RedriveDialog filter={filter} onClose={() => setAsked(undefined)} onChange={changed} />
      ) : null}
      {asked === 'purge' ? (
        <PurgeDialog filter={filter} onClose={() => setAsked(undefined)} onChange={changed} />
      ) : null}
    </>
  );
};
