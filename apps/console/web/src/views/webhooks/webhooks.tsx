import './webhooks.css';
import type { EndpointList, EndpointView, SavedEndpoint } from '@millrace/admin-api';
import { useState } from 'react';
import { useList } from '../../api/use-query.js';
import { href, usePlace } from '../../shell/location.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Amount, type Column, Table } from '../../ui/table.js';
import { BreakerState } from './breaker-state.js';
import { EndpointDetail } from './endpoint-detail.js';
import { EndpointForm } from './endpoint-form.js';
import { SecretOnce } from './secret-once.js';

const LOOK_EVERY_MS = 2000;

const topicsText = (topics: unknown): string => [topics ?? '*'].flat().join(', ').replace(/^\*$/, 'all');

const COLUMNS: readonly Column<EndpointView>[] = [
  { head: 'Endpoint', cell: ({ name }) => <a href={href(['webhooks', name])}>{name}</a> },
  { head: 'State', cell: (endpoint) => <BreakerState endpoint={endpoint} /> },
  {
    head: 'URL',
    cell: ({ endpoint }) =>
      endpoint === null ? (
        <span className="soft">in the sink’s file or environment</span>
      ) : (
        <span className="mono cut address">{String(endpoint.url)}</span>
      ),
  },
  {
    head: 'Topics',
    isExtra: true,
    cell: ({ endpoint, about }) => (
      <span className="soft">
        {topicsText(endpoint === null ? about?.topics : endpoint.topics)}
        {(endpoint?.pattern ?? about?.pattern) === undefined ? '' : ', filtered'}
      </span>
    ),
  },
  { head: 'Queued', isNumber: true, cell: ({ waiting }) => <Amount value={waiting} tone="warn" /> },
  { head: 'Dead letters', isNumber: true, cell: ({ deadLetters }) => <Amount value={deadLetters} tone="bad" /> },
];

/** The endpoints, and the status of each. */
export const WebhooksView = () => {
  const { parts, query } = usePlace();
  const [, name] = parts;
  const { data, error, reload } = useList<EndpointList>('webhooks', LOOK_EVERY_MS);
  const chosen = data?.endpoints.find((one) => one.name === name);
  const isNew = query.has('new');
  const [saved, setSaved] = useState<{ readonly name: string; readonly saved: SavedEndpoint }>();
  const onSaved = (of: string, what: SavedEndpoint) => {
    setSaved({ name: of, saved: what });
    reload();
  };
  return (
    <>
      <Head
        title="Webhooks"
        actions={
          <a className="button main" href={href(['webhooks'], { new: 1 })}>
            New endpoint
          </a>
        }
      >
        Each endpoint is retried on its own; requests are signed.
      </Head>
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {isNew ? (
          <EndpointForm version={data?.version} taken={data?.endpoints.map(({ name: of }) => of)} onSaved={onSaved} />
        ) : null}
        <Panel title="Endpoints" isBare>
          {data === undefined ? (
            <Loading what="endpoints" unless={error} />
          ) : (
            <Table
              label="Endpoints"
              columns={COLUMNS}
              rows={data.endpoints}
              keyOf={(one) => one.name}
              isChosen={(one) => one.name === name}
              empty={
                <Empty title="No endpoints yet.">
                  <a href={href(['webhooks'], { new: 1 })}>Create one</a>: a URL that accepts POST requests with a
                  signed body. The webhook sink picks it up within a second.
                </Empty>
              }
            />
          )}
        </Panel>
        {name !== undefined && data !== undefined && chosen === undefined ? (
          <Empty title={`Endpoint ${name} not found.`}>
            <a href={href(['webhooks'])}>View all endpoints</a>
          </Empty>
        ) : null}
        {chosen === undefined ? null : (
          <EndpointDetail key={chosen.name} view={chosen} version={data?.version} onChange={reload} onSaved={onSaved} />
        )}
        {saved?.saved.secret === undefined ? null : (
          <SecretOnce title={`Secret of ${saved.name}`} secret={saved.saved.secret} onClose={() => setSaved(undefined)}>
            Give it to the receiver: it is not shown again. Each request is signed by it.
          </SecretOnce>
        )}
      </div>
    </>
  );
};
