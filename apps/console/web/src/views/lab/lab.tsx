import './lab.css';
import type { Lab as LabState } from '@millrace/admin-api';
import { pathOf } from '../../api/address.js';
import { useLive } from '../../api/live.js';
import { useQuery } from '../../api/use-query.js';
import { go, href, usePlace } from '../../shell/location.js';
import { Choice } from '../../ui/field.js';
import { Empty, Head, Loading, Panel, Problem } from '../../ui/panel.js';
import { Bench } from './bench.js';

const LOOK_EVERY_MS = 1000;

/** A scratch stream to try things out with: what consumers do, and what is pending meanwhile. */
export const Lab = () => {
  const [, named] = usePlace().parts;
  const { snapshot } = useLive();
  const topics = snapshot === null ? [] : ['in', ...snapshot.topics.map(({ name }) => name)];
  const topic = named ?? topics.find((name) => name === 'unrouted');
  const { data, error, reload } = useQuery<LabState>(
    topic === undefined ? null : `lab/${pathOf(topic)}`,
    LOOK_EVERY_MS,
  );
  return (
    <>
      <Head title="Lab">
        A scratch stream with copies of a topic's newest events. Nothing done here reaches the topic or its sinks.
      </Head>
      <div className="stack">
        <div className="fields">
          <Choice
            label="Topic"
            value={topic ?? ''}
            onChange={(name) => go(href(['lab', name]))}
            options={topic === undefined || topics.includes(topic) ? topics : [topic, ...topics]}
            hint="Its newest events are copied; produced events go to the copy alone."
          />
        </div>
        <Problem error={error} onRetry={reload} />
        {topic === undefined ? (
          <Panel title="No topic" isBare>
            <Empty title="No topics yet.">
              <a href={href(['routes'], { new: 1 })}>Create a route</a> that names one.
            </Empty>
          </Panel>
        ) : data === undefined ? (
          <Loading what="the lab" unless={error} />
        ) : (
          <Bench key={topic} lab={data} onChange={reload} />
        )}
      </div>
    </>
  );
};
