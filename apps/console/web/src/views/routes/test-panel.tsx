import { useCallback, useState } from 'react';
import { readJson } from '../../ui/json-text.js';
import { Panel, Problem } from '../../ui/panel.js';
import { Tag } from '../../ui/tag.js';
import { EventPicker } from './event-picker.js';
import { useVerdicts } from './use-verdict.js';
import { Why } from './verdict.js';
import type { TypedRoute } from './written.js';

/** The pattern in the form against one real event, with the why. */
export const TestPanel = ({ typed }: { typed: TypedRoute }) => {
  const [event, setEvent] = useState<unknown>();
  const pick = useCallback((next: unknown) => setEvent(next), []);
  const { value, problem } = readJson(typed.rule);
  const isPattern = typed.kind === 'pattern' && problem === undefined;
  const { it } = useVerdicts(isPattern ? { it: value } : {}, event);
  return (
    <Panel
      title="Test with an event"
      actions={
        it?.why === undefined ? undefined : (
          <Tag tone={it.why.matched ? 'good' : 'bad'}>{it.why.matched ? 'matches' : 'does not match'}</Tag>
        )
      }
    >
      <div className="stack">
        {typed.kind === 'filters' ? (
          <p className="soft">Filters have no explanation; their matches are counted above.</p>
        ) : null}
        {it?.why === undefined ? null : <Why why={it.why} />}
        <Problem error={it?.error} />
        <EventPicker onPick={pick} />
      </div>
    </Panel>
  );
};
