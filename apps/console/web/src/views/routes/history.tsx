import type { RouteHistory as AllVersions, RouteChange, RouteDiff } from '@millrace/admin-api';
import { useState } from 'react';
import { withQuery } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { useQuery } from '../../api/use-query.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Diff } from '../../ui/diff.js';
import { Empty, Loading, Panel, Problem, Said } from '../../ui/panel.js';
import { Clock } from '../../ui/time.js';
import { changeInWord, textOf } from './written.js';

const Changes = ({ changes }: { changes: readonly RouteChange[] }) => (
  <div className="stack tight">
    {changes.map((change) => (
      <div key={change.name}>
        <h3>
          {change.name} {changeInWord(change)}
        </h3>
        <Diff before={textOf(change.before)} after={textOf(change.after)} />
      </div>
    ))}
  </div>
);

/** Asks before it goes back: shows what would change. */
const RollBack = ({
  to,
  now,
  onClose,
  onDone,
}: {
  to: number;
  now: number;
  onClose: () => void;
  onDone: () => void;
}) => {
  const diff = useQuery<RouteDiff>(withQuery('routes/diff', { from: now, to }));
  const roll = useAction(async () => {
    await ask('routes/rollback', { method: 'POST', body: { to } });
    onDone();
  });
  return (
    <Confirm
      title={`Roll back to version ${to}`}
      onClose={onClose}
      label="Roll back"
      action={roll}
      needs="admin"
      error={diff.error}
    >
      <p className="soft">
        All routes in Redis become what they were. This is a new version; nothing of the history is lost.
      </p>
      {diff.data === undefined ? null : diff.data.changes.length === 0 ? (
        <p>No changes.</p>
      ) : (
        <Changes changes={diff.data.changes} />
      )}
    </Confirm>
  );
};

/** Every change of the routes, with who made it and when. */
export const RouteHistory = ({ version, onChange }: { version: number | undefined; onChange: () => void }) => {
  const { data, error, reload } = useQuery<AllVersions>(withQuery('routes/history', { limit: 100 }));
  const [to, setTo] = useState<number | undefined>();
  const [done, setDone] = useState<number | undefined>();
  if (data === undefined)
    return error === undefined ? <Loading what="the history" /> : <Problem error={error} onRetry={reload} />;
  return (
    <Panel title="History" note={version === undefined ? undefined : `version ${version} is live`}>
      {done === undefined ? null : <Said>Rolled back to version {done}: routers pick it up within a second.</Said>}
      {data.changes.length === 0 ? (
        <Empty title="No changes yet.">
          Routes of a file are not versioned here; their history is that of the file.
        </Empty>
      ) : (
        <ol className="versions">
          {data.changes.map((change) => (
            <li key={change.version}>
              <div className="row ends">
                <span className="row">
                  <strong>Version {change.version}</strong>
                  <span>{change.action}</span>
                  <Clock at={change.at} />
                  <span className="soft">{change.who === '' ? 'no API key' : `key ${change.who}`}</span>
                </span>
                {change.version === version ? null : (
                  <Button needs="admin" onClick={() => setTo(change.version)}>
                    Roll back…
                  </Button>
                )}
              </div>
              <details>
                <summary>
                  {change.changes.map((one) => `${one.name} ${changeInWord(one)}`).join(', ') || 'nothing changed'}
                </summary>
                <Changes changes={change.changes} />
              </details>
            </li>
          ))}
        </ol>
      )}
      {to === undefined || version === undefined ? null : (
        <RollBack
          to={to}
          now={version}
          onClose={() => setTo(undefined)}
          onDone={() => {
            setDone(to);
            setTo(undefined);
            reload();
            onChange();
          }}
        />
      )}
    </Panel>
  );
};
