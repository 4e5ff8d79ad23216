import { writeJson } from '@millrace/json';
import { useState } from 'react';
import { ask, pathOf, withQuery } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import type { EndpointView } from '../../api/types.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Area, Check, Choice, Input } from '../../ui/field.js';
import { Panel, Problem } from '../../ui/panel.js';
import { endpointOf, NEW_ENDPOINT, newSecret, type TypedEndpoint, typedOf } from './endpoint-text.js';

interface EndpointFormProps {
  /** Undefined: a new one. */
  readonly view?: EndpointView;
  readonly version: number | undefined;
  readonly onSaved: () => void;
}

/** Writes an endpoint. What is masked in an answer cannot be sent back: secret and header values are typed anew. */
export const EndpointForm = ({ view, version, onSaved }: EndpointFormProps) => {
  const topics = useLive().snapshot?.topics.map(({ name }) => name) ?? [];
  const [typed, setTyped] = useState(view?.endpoint ? typedOf(view.name, view.endpoint) : NEW_ENDPOINT);
  const put = (name: keyof TypedEndpoint) => (value: string | boolean) =>
    setTyped((before) => ({ ...before, [name]: value }));
  const { endpoint, problem } = endpointOf(typed);
  const name = typed.name.trim();
  const isMasked = writeJson(endpoint ?? '').includes('…');
  const hadSecret = view?.endpoint?.secret !== undefined;
  const refused =
    (name === '' ? 'It needs a name.' : undefined) ??
    (typed.url.trim() === '' ? 'It needs an address.' : undefined) ??
    problem ??
    (isMasked ? 'Where … stands, the console keeps a value to itself: type it anew.' : undefined) ??
    (hadSecret && typed.secret.trim() === ''
      ? 'Its secret is not shown: type it, or make another and give it to the receiver.'
      : undefined);
  const save = useAction(async () => {
    await ask(withQuery(`webhooks/${pathOf(name)}`, { version }), { method: 'PUT', body: endpoint });
    onSaved();
    go(href(['webhooks', name]));
    return true;
  });
  return (
    <Panel title={view === undefined ? 'New endpoint' : 'Change it'}>
      <form
        className="stack"
        aria-label="Endpoint"
        onSubmit={(event) => {
          event.preventDefault();
          if (refused === undefined) void save.run();
        }}
      >
        <div className="fields">
          {view === undefined ? (
            <Input label="Name" value={typed.name} onChange={put('name')} placeholder="billing" />
          ) : null}
          <Input
            label="Address"
            type="url"
            value={typed.url}
            onChange={put('url')}
            placeholder="https://example.com/hooks"
            isWide
            isMono
          />
          <Input
            label="Topics"
            value={typed.topics}
            onChange={put('topics')}
            placeholder="all that the sink reads"
            suggestions={topics}
            isWide
          />
        </div>
        <div className="fields">
          <Input
            label="Secret"
            value={typed.secret}
            onChange={put('secret')}
            placeholder="whsec_…"
            isWide
            isMono
            hint={
              view === undefined
                ? 'Without one, requests are not signed.'
                : 'Not shown. To add one and keep the old for a while, rotate.'
            }
          />
          <Button onClick={() => put('secret')(newSecret())}>Make one</Button>
          <Choice
            label="Sends"
            value={typed.format}
            onChange={put('format')}
            options={[
              ['structured', 'structured CloudEvents'],
              ['binary', 'binary CloudEvents'],
              ['data', 'the data alone'],
            ]}
          />
          <Input label="Time-out" value={typed.timeout} onChange={put('timeout')} placeholder="10s" />
          <Input label="Most a second" type="number" value={typed.rate} onChange={put('rate')} min={1} />
          <Check label="Enabled" value={typed.isEnabled} onChange={put('isEnabled')} />
        </div>
        <div className="fields">
          <Area
            label="Only events that match"
            rows={2}
            value={typed.pattern}
            onChange={put('pattern')}
            placeholder='{ "type": [{ "prefix": "order." }] }'
            isWide
          />
          <Area
            label="Headers"
            rows={2}
            value={typed.headers}
            onChange={put('headers')}
            placeholder='{ "authorization": "Bearer …" }'
            isWide
          />
        </div>
        {problem === undefined ? null : <Problem error={new Error(problem)} />}
        <Problem error={save.error} />
        <div className="row">
          <Button type="submit" kind="main" needs="admin" refused={refused} isBusy={save.isBusy}>
            Save
          </Button>
          {refused === undefined || name === '' ? null : <span className="soft">{refused}</span>}
        </div>
      </form>
    </Panel>
  );
};
