import type * as Api from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Facts, Mono } from '../../ui/facts.js';
import { count } from '../../ui/format.js';
import { Panel, Problem, Said } from '../../ui/panel.js';
import { Ago, Clock } from '../../ui/time.js';
import { AttemptList } from './attempt-list.js';
import { BreakerState } from './breaker-state.js';
import { EndpointForm } from './endpoint-form.js';
import { SecretOnce } from './secret-once.js';

interface EndpointDetailProps {
  readonly view: Api.EndpointView;
  readonly version: number | undefined;
  readonly onChange: () => void;
  readonly onSaved: (name: string, saved: Api.SavedEndpoint) => void;
}

const FILE_WHY = 'Defined in the sink’s file or environment; edit it there.';

/** One endpoint: its state, what was sent to it, and what can be done. */
export const EndpointDetail = ({ view, version, onChange, onSaved }: EndpointDetailProps) => {
  const { name, endpoint, about, state, waiting, deadLetters, warnings } = view;
  const [isEditing, setEditing] = useState(false);
  const [asked, setAsked] = useState<'delete' | 'rotate' | undefined>();
  const [turn, setTurn] = useState(0);
  const path = `webhooks/${pathOf(name)}`;
  const fileWhy = endpoint === null ? FILE_WHY : undefined;
  const test = useAction(async () => {
    const sent = await ask<Api.TestEvent>(`${path}/test`, { method: 'POST' });
    setTurn((before) => before + 1);
    return sent;
  });
  const disable = useAction(async () => {
    await ask<Api.DisabledEndpoint>(`${path}/off`, { method: 'POST' });
    onChange();
  });
  const enable = useAction(async () => {
    const done = await ask<Api.EnabledEndpoint>(`${path}/on`, { method: 'POST' });
    onChange();
    return done;
  });
  const rotate = useAction(async () => {
    const { secret } = await ask<Api.RotatedEndpoint>(`${path}/rotate`, { method: 'POST', body: {} });
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
  const wanted = endpoint === null ? about?.topics : endpoint.topics;
  const topics = [wanted ?? '*'].flat().join(', ').replace(/^\*$/, 'all topics the sink reads');
  const pattern = endpoint === null ? about?.pattern : endpoint.pattern;
  return (
    <>
      <Panel
        title={name}
        actions={
          <>
            <Button needs="operate" isBusy={test.isBusy} onClick={() => void test.run()}>
              Send a test event
            </Button>
            <Button
              needs="operate"
              isBusy={enable.isBusy}
              refused={endpoint?.enabled === false ? 'Disabled in config: set enabled first.' : undefined}
              onClick={() => void enable.run()}
            >
              {isOff ? 'Enable' : 'Retry now'}
            </Button>
            {isOff ? null : (
              <Button needs="operate" isBusy={disable.isBusy} onClick={() => void disable.run()}>
                Disable
              </Button>
            )}
            <Button needs="admin" refused={fileWhy} onClick={() => setAsked('rotate')}>
              Rotate secret…
            </Button>
            <Button needs="admin" refused={fileWhy} pressed={isEditing} onClick={() => setEditing(!isEditing)}>
              Edit
            </Button>
            <Button kind="danger" needs="admin" refused={fileWhy} onClick={() => setAsked('delete')}>
              Delete…
            </Button>
          </>
        }
      >
        <div className="stack">
          <Problem error={test.error ?? enable.error ?? disable.error} />
          {warnings.map((warning) => (
            <Problem key={warning} error={new Error(warning)} />
          ))}
          {test.result === undefined ? null : (
            <Said>
              Test event <span className="mono">{test.result.id}</span> was sent. {test.result.warnings.join('. ')}
            </Said>
          )}
          {enable.result === undefined ? null : (
            <Said>
              {enable.result.wasOff ? 'Enabled; retrying now' : 'Retrying now'}: {count(enable.result.waiting)} queued,{' '}
              {count(enable.result.rescheduled)} of them were scheduled for later.
            </Said>
          )}
          <Facts
            facts={{
              State: <BreakerState endpoint={view} />,
              Disabled: isOff ? (
                <>
                  <Ago at={state.offAt} />: {state.offReason}
                </>
              ) : undefined,
              Failing:
                state.failingSince === undefined ? undefined : (
                  <>
                    since <Clock at={state.failingSince} />: {state.failure}
                  </>
                ),
              URL: endpoint === null ? FILE_WHY : <Mono>{String(endpoint.url)}</Mono>,
              Secret:
                endpoint === null ? undefined : endpoint.secret === undefined ? (
                  'none: not signed'
                ) : (
                  <Mono>{[endpoint.secret].flat().join(', ')}</Mono>
                ),
              Topics: topics,
              Filter:
                pattern === undefined ? undefined : (
                  <code>{typeof pattern === 'string' ? pattern : writeJson(pattern)}</code>
                ),
              Queued: count(waiting),
              'Dead letters': <a href={href(['dead-letters'], { group: `hook.${name}` })}>{count(deadLetters)}</a>,
            }}
          />
        </div>
      </Panel>
      {isEditing ? (
        <EndpointForm
          view={view}
          version={version}
          onSaved={(of, saved) => {
            setEditing(false);
            onSaved(of, saved);
          }}
        />
      ) : null}
      <AttemptList key={turn} name={name} />
      {rotate.result === undefined ? null : (
        <SecretOnce title="New secret" secret={rotate.result} onClose={rotate.clear}>
          It is not shown again. Requests are signed with both secrets until the next rotation, so the receiver can
          switch.
        </SecretOnce>
      )}
      {asked === 'rotate' ? (
        <Confirm
          title={`Rotate the secret of ${name}`}
          onClose={() => setAsked(undefined)}
          label="Create new secret"
          action={rotate}
          needs="admin"
        >
          <p>
            Requests are signed with the new secret and the previous one until the next rotation. The new one is shown
            once.
          </p>
        </Confirm>
      ) : null}
      {asked === 'delete' ? (
        <Confirm
          title={`Delete ${name}`}
          onClose={() => setAsked(undefined)}
          label="Delete"
          action={remove}
          needs="admin"
          kind="danger"
        >
          <p>
            Nothing more is delivered to it. Its queue is kept, and is delivered if an endpoint of this name is created
            again.
          </p>
        </Confirm>
      ) : null}
    </>
  );
};
