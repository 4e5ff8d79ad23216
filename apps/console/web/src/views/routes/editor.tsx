import type { Route, RouteList } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { ask } from '../../api/client.js';
import { useRefusal } from '../../api/me.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Diff } from '../../ui/diff.js';
import { Empty, Panel, Problem, Said } from '../../ui/panel.js';
import { Tag } from '../../ui/tag.js';
import { RouteForm } from './form.js';
import { type Doing, isGone, requestOf, routeRefusals } from './route-action.js';
import { ShadowPanel } from './shadow/shadow-panel.js';
import { useShadow } from './shadow/use-shadow.js';
import { TestPanel } from './test-panel.js';
import { NEW_ROUTE, routeOf, textOf, typedOf } from './written.js';

const SAID: Readonly<Record<Doing, string>> = {
  draft: 'The draft is saved. Routers do not see it until it is promoted.',
  put: 'It is live: routers pick it up within a second.',
  promote: 'The draft is live: routers pick it up within a second.',
  drop: 'The draft was deleted.',
  delete: 'The route was deleted: routers pick it up within a second.',
};

const send = async (doing: Doing, route: Route, version: number): Promise<void> => {
  const { method, end, version: of, body } = requestOf(doing, route, version);
  await ask(withQuery(`routes/${pathOf(route.name)}${end}`, { version: of }), { method, body });
};

interface EditorProps {
  /** Undefined: a new one. */
  readonly name: string | undefined;
  readonly all: RouteList;
  readonly onChange: () => void;
}

/** One route: change it, see at once what it would do, try it on an event, publish it. */
export const RouteEditor = ({ name, all, onChange }: EditorProps) => {
  const view = all.routes.find(({ route, isHidden }) => route.name === name && !isHidden);
  const draft = all.drafts.find((one) => one.name === name);
  const stored = draft ?? view?.route;
  const [typed, setTyped] = useState(stored === undefined ? NEW_ROUTE : typedOf(stored));
  const [version] = useState(all.version);
  const [asked, setAsked] = useState<'put' | 'promote' | 'delete' | undefined>();
  const { route, problem } = routeOf(typed);
  const refusal = useRefusal('operate');
  const shadow = useShadow(refusal === undefined ? route : undefined);
  const act = useAction(async (doing: Doing) => {
    const target = doing === 'draft' || doing === 'put' ? route : stored;
    if (target === undefined) return undefined;
    await send(doing, target, Math.max(version, all.version));
    setAsked(undefined);
    onChange();
    if (isGone(doing, view)) go(href(['routes']));
    else if (name !== target.name) go(href(['routes', target.name]));
    return doing;
  });

  if (name !== undefined && stored === undefined && act.result === undefined) {
    return (
      <Empty title={`Route ${name} not found.`}>
        <a href={href(['routes'])}>View all routes</a>
      </Empty>
    );
  }
  const refusals = routeRefusals(typed, view, problem);
  return (
    <div className="split">
      <div className="stack">
        <Panel
          title="Route"
          actions={
            <>
              {view === undefined ? null : <Tag tone="good">live</Tag>}
              {draft === undefined ? null : <Tag tone="accent">draft</Tag>}
              {view?.origin === 'file' ? <Tag>managed by file</Tag> : null}
            </>
          }
        >
          <div className="stack">
            {draft !== undefined && view !== undefined ? (
              <p className="soft">Showing the draft. The live route is unchanged until the draft is promoted.</p>
            ) : null}
            <RouteForm
              typed={typed}
              isNamed={name !== undefined}
              problem={problem}
              refusal={shadow.error}
              onChange={setTyped}
            />
            <Problem error={act.error} />
            {act.result === undefined ? null : <Said>{SAID[act.result]}</Said>}
            <div className="row">
              <Button needs="admin" refused={refusals.save} isBusy={act.isBusy} onClick={() => void act.run('draft')}>
                Save as draft
              </Button>
              {draft === undefined ? (
                <Button
                  kind="main"
                  needs="admin"
                  refused={refusals.save}
                  isBusy={act.isBusy}
                  onClick={() => setAsked('put')}
                >
                  Publish…
                </Button>
              ) : (
                <>
                  <Button
                    kind="main"
                    needs="admin"
                    refused={refusals.change}
                    isBusy={act.isBusy}
                    onClick={() => setAsked('promote')}
                  >
                    Promote the draft…
                  </Button>
                  <Button needs="admin" isBusy={act.isBusy} onClick={() => void act.run('drop')}>
                    Discard the draft
                  </Button>
                </>
              )}
              {view === undefined ? null : (
                <Button
                  kind="danger"
                  needs="admin"
                  refused={refusals.change}
                  isBusy={act.isBusy}
                  onClick={() => setAsked('delete')}
                >
                  Delete…
                </Button>
              )}
            </div>
          </div>
        </Panel>
      </div>
      <div className="stack">
        <ShadowPanel shadow={shadow} isValid={route !== undefined} refusal={refusal} />
        <TestPanel typed={typed} />
      </div>
      {asked === undefined ? null : (
        <Confirm
          title={{ put: 'Publish the route', promote: 'Promote the draft', delete: 'Delete the route' }[asked]}
          onClose={() => setAsked(undefined)}
          label={{ put: 'Publish', promote: 'Promote', delete: 'Delete' }[asked]}
          action={{ ...act, run: () => act.run(asked) }}
          needs="admin"
          kind={asked === 'delete' ? 'danger' : 'main'}
        >
          <p className="soft">What changes, from version {all.version}:</p>
          <Diff
            before={textOf(view?.route)}
            after={asked === 'delete' ? '' : textOf(asked === 'promote' ? draft : route)}
          />
        </Confirm>
      )}
    </div>
  );
};
