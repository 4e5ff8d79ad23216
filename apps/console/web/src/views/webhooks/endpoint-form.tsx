import type { EndpointView, SavedEndpoint } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { problemAt } from '../../api/api-error.js';
import { ask } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import { useAction } from '../../api/use-action.js';
import { go, href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Area, Check, Choice, Form, Input } from '../../ui/field.js';
import { Panel, Problem } from '../../ui/panel.js';
import { endpointChange } from './endpoint-change.js';
import { NEW_ENDPOINT, type TypedEndpoint, typedOf } from './endpoint-text.js';

interface EndpointFormProps {
  /** Undefined: a new one. */
  readonly view?: EndpointView;
  readonly version: number | undefined;
  /** Names that there are: a new one is not to replace another. */
  readonly taken?: readonly string[];
  readonly onSaved: (name: string, saved: SavedEndpoint) => void;
}

/** Members that have a field which says what is wrong with it. */
const FIELDS = ['url', 'topics', 'secret', 'timeout', 'rate', 'pattern', 'headers'] as const;

/** Writes an endpoint, of one that there is only what was changed: what is masked stays as it is, unless it is typed anew. */
export const EndpointForm = ({ view, version, taken = [], onSaved }: EndpointFormProps) => {
  const topics = useLive().snapshot?.topics.map(({ name }) => name) ?? [];
  const [typed, setTyped] = useState(view?.endpoint ? typedOf(view.name, view.endpoint) : NEW_ENDPOINT);
  const put = (name: keyof TypedEndpoint) => (value: string | boolean) =>
    setTyped((before) => ({ ...before, [name]: value }));
  const { name, method, body, problem, refused } = endpointChange(typed, view, taken);
  const save = useAction(async () => {
    const path = withQuery(`webhooks/${pathOf(name)}`, { version });
    const saved = await ask<SavedEndpoint>(path, { method, body });
    onSaved(name, saved);
    go(href(['webhooks', name]));
    return true;
  });
  const field = (name: (typeof FIELDS)[number]) => ({
    value: typed[name],
    onChange: put(name),
    problem: problemAt(save.error, `/${name}`),
  });
  const isOfField = FIELDS.some((name) => field(name).problem !== undefined);
  return (
    <Panel title={view === undefined ? 'New endpoint' : 'Edit endpoint'}>
      <Form className="stack" aria-label="Endpoint" onSubmit={() => refused === undefined && void save.run()}>
        <div className="fields">
          {view === undefined ? (
            <Input label="Name" value={typed.name} onChange={put('name')} placeholder="billing" />
          ) : null}
          <Input label="URL" type="url" {...field('url')} placeholder="https://example.com/hooks" isWide isMono />
          <Input
            label="Topics"
            {...field('topics')}
            placeholder="all topics the sink reads"
            suggestions={topics}
            isWide
          />
        </div>
        <div className="fields">
          <Input
            label="Secret"
            {...field('secret')}
            placeholder="whsec_…"
            isWide
            isMono
            hint={
              view === undefined
                ? 'Generated if empty, and shown once.'
                : 'Hidden. To keep the old one valid for a while, rotate instead.'
            }
          />
          <Check label="Signed" value={typed.isSigned} onChange={put('isSigned')} />
          <Choice
            label="Format"
            value={typed.format}
            onChange={put('format')}
            options={[
              ['structured', 'structured CloudEvents'],
              ['binary', 'binary CloudEvents'],
              ['data', 'data only'],
            ]}
          />
          <Input label="Timeout" {...field('timeout')} placeholder="10s" />
          <Input label="Max requests/s" type="number" {...field('rate')} min={1} />
          <Check label="Enabled" value={typed.isEnabled} onChange={put('isEnabled')} />
        </div>
        <div className="fields">
          <Area
            label="Only events that match"
            rows={2}
            {...field('pattern')}
            placeholder='{ "type": [{ "prefix": "order." }] }'
            isWide
          />
          <Area label="Headers" rows={2} {...field('headers')} placeholder='{ "authorization": "Bearer …" }' isWide />
        </div>
        {problem === undefined ? null : <Problem error={new Error(problem)} />}
        <Problem error={isOfField ? undefined : save.error} />
        <div className="row">
          <Button type="submit" kind="main" needs="admin" refused={refused} isBusy={save.isBusy}>
            Save
          </Button>
          {refused === undefined || name === '' ? null : <span className="soft">{refused}</span>}
        </div>
      </Form>
    </Panel>
  );
};
