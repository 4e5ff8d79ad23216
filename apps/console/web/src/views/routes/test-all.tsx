import type { RouteList } from '@millrace/admin-api';
import { useCallback, useState } from 'react';
import { href } from '../../shell/location.js';
import { Empty, Panel } from '../../ui/panel.js';
import { Tag } from '../../ui/tag.js';
import { EventPicker } from './event-picker.js';
import { useVerdicts } from './use-verdict.js';
import { Why } from './verdict.js';

/** One event against every route: which match, and which leaf of the others failed. */
export const TestAll = ({ routes }: { routes: RouteList | undefined }) => {
  const [event, setEvent] = useState<unknown>();
  const pick = useCallback((next: unknown) => setEvent(next), []);
  const inForce = (routes?.routes ?? []).filter(({ isHidden }) => !isHidden);
  const patterns = Object.fromEntries(
    inForce.flatMap(({ route }) => (route.pattern === undefined ? [] : [[route.name, route.pattern]])),
  );
  const verdicts = useVerdicts(patterns, event);
  const sorted = [...inForce].sort(
    (a, b) =>
      Number(verdicts[b.route.name]?.why?.matched ?? false) - Number(verdicts[a.route.name]?.why?.matched ?? false),
  );
  return (
    <div className="split side">
      <Panel title="Event">
        <EventPicker onPick={pick} />
      </Panel>
      <Panel title="Routes" note="live version">
        {inForce.length === 0 ? <Empty title="No routes." /> : null}
        <ul className="verdicts">
          {sorted.map(({ route }) => {
            const { why, error } = verdicts[route.name] ?? {};
            return (
              <li key={route.name}>
                <div className="row">
                  <Tag tone={why?.matched ? 'good' : 'plain'}>
                    {route.pattern === undefined
                      ? 'by filters'
                      : why === undefined
                        ? 'not tested'
                        : why.matched
                          ? 'matches'
                          : 'does not match'}
                  </Tag>
                  <a href={href(['routes', route.name])}>{route.name}</a>
                  <span className="soft">to {[route.topics].flat().join(', ')}</span>
                </div>
                {error === undefined ? null : <p className="bad wrap">{error.message}</p>}
                {why === undefined ? null : <Why why={why} />}
              </li>
            );
          })}
        </ul>
      </Panel>
    </div>
  );
};
