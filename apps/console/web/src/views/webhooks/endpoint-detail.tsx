import { useState } from 'react';
import { ask, pathOf, withQuery } from '../../api/client.js';
import type { EndpointView } from '../../api/types.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Facts } from '../../ui/facts.js';
import { count } from '../../ui/format.js';
import { Panel, Problem, Said } from '../../ui/panel.js';
import { Ago, Clock } from '../../ui/time.js';
import { AttemptList } from './attempt-list.js';
import { BreakerState } from './breaker-state.js';
import { EndpointForm } from './endpoint-form.js';

interface EndpointDetailProps {
  readonly view: EndpointView;
  readonly version: number | undefined;
  readonly onChange: () => void;
}

const FILE_WHY = 'It is in the sink’s file or environment: change it there.';

/** The new secret, this once. */
const Rotated = ({ secret, onClose }: { secret: string; onClose: () => void }) => (
  <Dialog title="The new secret" onClose={onClose} actions={<Copy text={secret} label="Copy the secret" />}>
    <p>
      It is not shown again. Until the next rotation the one before signs too, so that the receiver can change over.
    </p>
    <pre className="code">{secret}</pre>
  </Dialog>
);

/** One endpoint: how it fares, what was sent to it, and what can be done. */
export const EndpointDetail = ({ view, version, onChange }: EndpointDetailProps) => {
  const { name, endpoint, state, waiting, deadLetters } = view;
  const [isEditing, setEditing] = useState(false);
  const [asked, setAsked] = useState<'delete' | 'rotate' | undefined>();
  const [turn, setTurn] = useState(0);
  const path = `webhooks/${pathOf(name)}`;
  const fileWhy = endpoint === null ? FILE_WHY : undefined;
  const test = useAction(async () => {
    const { id } = await ask<{ id: string }>(`${path}/test`, { method: 'POST' });
    setTurn((before) => before + 1);
    return id;
  });
  const turnIt = useAction(async (way: 'on' | 'off') => {
    await ask(`${path}/${way}`, { method: 'POST' });
    onChange();
  });
  const rotate = useAction(async () => {
    const { secret } = await ask<{ secret: string }>(`${path}/rotate`, { method: 'POST', body: {} });
    setAsked(undefined);
    onChange();
    return secret;
  });
  const remove = useAction(async () => {
    await ask(withQuery(path, { version }), { method: 'DELETE' });
    onChange();
    go(href(['webhooks']));
  });
  const isOff = state.offAt !== undefined;
  return (
    <>
      <Panel
        title={name}
        actions={
          <>
            <Button needs="operate" isBusy={test.isBusy} onClick={() => void test.run()}>
              Send a test event
            </Button>
            <Button needs="admin" isBusy={turnIt.isBusy} onClick={() => void turnIt.run(isOff ? 'on' : 'off')}>
              {isOff ? 'Switch on' : 'Switch off'}
            </Button>
            <Button needs="admin" refused={fileWhy} onClick={() => setAsked('rotate')}>
              Rotate the secret…
            </Button>
            <Button needs="admin" refused={fileWhy} pressed={isEditing} onClick={() => setEditing(!isEditing)}>
              Change
            </Button>
            <Button kind="danger" needs="admin" refused={fileWhy} onClick={() => setAsked('delete')}>
              Delete…
            </Button>
          </>
        }
      >
        <div className="stack">
          <Problem error={test.error ?? turnIt.error} />
          {test.result === undefined ? null : (
            <Said>
              Test event <span className="mono">{test.result}</span> is on its way.
            </Said>
          )}
          <Facts
            facts={[
              ['Breaker', <BreakerState key="state" endpoint={view} />],
              [
                'Off',
                isOff ? (
                  <>
                    <Ago at={state.offAt} />: {state.offReason}
                  </>
                ) : undefined,
              ],
              [
                'Failing',
                state.failingSince === undefined ? undefined : (
                  <>
                    since <Clock at={state.failingSince} />: {state.failure}
                  </>
                ),
              ],
              [
                'Address',
                endpoint === null ? (
                  FILE_WHY
                ) : (
                  <span key="url" className="mono">
                    {String(endpoint.url)}
                  </span>
                ),
              ],
              [
                'Secret',
                endpoint === null ? undefined : endpoint.secret === undefined ? (
                  'none: not signed'
                ) : (
                  <span key="secret" className="mono">
                    {[endpoint.secret].flat().join(', ')}
                  </span>
                ),
              ],
              ['Waiting', count(waiting)],
              [
                'Dead letters',
                <a key="dead" href={href(['dead-letters'], { group: `hook.${name}` })}>
                  {count(deadLetters)}
                </a>,
              ],
            ]}
          />
        </div>
      </Panel>
      {isEditing ? (
        <EndpointForm
          view={view}
          version={version}
          onSaved={() => {
            setEditing(false);
            onChange();
          }}
        />
      ) : null}
      <AttemptList key={turn} name={name} />
      {rotate.result === undefined ? null : <Rotated secret={rotate.result} onClose={rotate.clear} />}
      {asked === 'rotate' ? (
        <Dialog
          title={`Rotate the secret of ${name}`}
          onClose={() => setAsked(undefined)}
          actions={
            <Button kind="main" needs="admin" isBusy={rotate.isBusy} onClick={() => void rotate.run()}>
              Make a new secret
            </Button>
          }
        >
          <p>
            Requests are signed by the new secret and by the one before, until the next rotation. The new one is shown
            once.
          </p>
          <Problem error={rotate.error} />
        </Dialog>
      ) : null}
      {asked === 'delete' ? (
        <Dialog
          title={`Delete ${name}`}
          onClose={() => setAsked(undefined)}
          actions={
            <Button kind="danger" needs="admin" isBusy={remove.isBusy} onClick={() => void remove.run()}>
              Delete it
            </Button>
          }
        >
          <p>
            It gets nothing more. What waits for it stays in Redis, and goes on if an endpoint of this name is made
            again.
          </p>
          <Problem error={remove.error} />
        </Dialog>
      ) : null}
    </>
  );
};
