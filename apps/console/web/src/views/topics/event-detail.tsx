import type { StoredEvent, StoredEventDetail } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { useQuery } from '../../api/use-query.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Facts, Mono } from '../../ui/facts.js';
import { bytes } from '../../ui/format.js';
import { JsonTree } from '../../ui/json-tree.js';
import { Loading, Panel, Problem } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { Clock } from '../../ui/time.js';
import { attributesOf, dataOf } from './attributes.js';

type Part = 'event' | 'json' | 'fields';
const PARTS = [
  ['event', 'Event'],
  ['json', 'JSON'],
  ['fields', 'Raw fields'],
] as const;

const Text = ({ value }: { value: string }) => <pre className="code">{value}</pre>;

const Texts = ({ of }: { of: readonly (readonly [string, string | undefined])[] }) => (
  <Facts facts={Object.fromEntries(of.map(([name, value]) => [name, <Mono key={name}>{value}</Mono>]))} />
);

const Shown = ({ part, detail }: { part: Part; detail: StoredEventDetail }) => {
  if (part === 'json') return <Text value={detail.json ?? 'This entry is not an event.'} />;
  if (part === 'fields') {
    return <Texts of={detail.fields.map(([name, value], i) => [`${i + 1} ${name}`, value] as const)} />;
  }
  const data = dataOf(detail.event);
  return (
    <div className="stack">
      <Texts of={Object.entries(attributesOf(detail.event))} />
      {data === undefined ? (
        <p className="soft">No data.</p>
      ) : (
        <div>
          <h3>data</h3>
          <JsonTree value={data} />
        </div>
      )}
    </div>
  );
};

/** One event of a topic: its attributes, its data by level, and the entry as Redis holds it. */
export const EventDetail = ({ topic, at, onClose }: { topic: string; at: StoredEvent; onClose: () => void }) => {
  const [part, setPart] = useState<Part>('event');
  const path = withQuery(`topics/${pathOf(topic, 'events', at.streamId)}`, { partition: at.partition });
  const { data, error, reload } = useQuery<StoredEventDetail>(path);
  const { source, id } = attributesOf(at.event);
  return (
    <Panel
      title={at.type === '' ? 'Entry' : at.type}
      actions={
        <>
          {source === undefined || id === undefined ? null : (
            <a className="button main" href={href(['trace'], { source, id })}>
              Trace
            </a>
          )}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      <div className="stack tight">
        <p className="row soft">
          <span className="mono">{at.streamId}</span>
          <span>p{at.partition}</span>
          <Clock at={at.at} />
          {data === undefined ? null : <span>{bytes(data.bytes)}</span>}
          {data?.json == null ? null : <Copy text={data.json} label="Copy JSON" />}
          {typeof at.event === 'object' ? (
            <a href={href(['routes'], { tab: 'test', test: at.streamId, of: topic, partition: at.partition })}>
              Test routes with this event
            </a>
          ) : null}
        </p>
        <Problem error={error} onRetry={reload} />
        <Tabs label="Parts of the event" tabs={PARTS} chosen={part} onChoose={setPart} />
        {data === undefined ? <Loading what="the event" unless={error} /> : <Shown part={part} detail={data} />}
      </div>
    </Panel>
  );
};
