import type { TopicDetail } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf } from '../../api/address.js';
import { useLive } from '../../api/live.js';
import { useQuery } from '../../api/use-query.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Facts, Figures, Mono } from '../../ui/facts.js';
import { bytes, compact, count, rate } from '../../ui/format.js';
import { Empty, Head, Panel, Problem } from '../../ui/panel.js';
import { Ago } from '../../ui/time.js';
import { EventBrowser } from './event-browser.js';
import { Publish } from './publish.js';
import { TopicGroups } from './topic-groups.js';

const LOOK_EVERY_MS = 2000;

/** One topic: what is in it, who reads it, and its events. */
export const TopicDetailView = ({ topic }: { topic: string }) => {
  const { data, error, reload } = useQuery<TopicDetail>(`topics/${pathOf(topic)}`, LOOK_EVERY_MS);
  const { history } = useLive();
  const [isSending, setSending] = useState(false);
  const [turn, setTurn] = useState(0);
  const perSecond = history.rate(({ inbox, topics }) => [inbox, ...topics].find(({ name }) => name === topic)?.added);
  return (
    <>
      <Head
        title={
          <>
            <a className="crumb" href={href(['topics'])}>
              Topics
            </a>{' '}
            / {topic}
          </>
        }
        actions={
          <>
            {topic === 'in' ? (
              <Button pressed={isSending} onClick={() => setSending(!isSending)}>
                Send an event
              </Button>
            ) : (
              <a href={href(['replay'], { topic })}>Replay</a>
            )}
            <a href={href(['lab', topic])}>Open in the lab</a>
          </>
        }
      />
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {data === undefined ? null : (
          <Figures
            figures={{
              Events: count(data.length),
              Rate: rate(perSecond),
              'Total received': compact(data.added),
              Bytes: bytes(data.bytes),
              First: <Ago at={data.firstAt} />,
              Last: <Ago at={data.lastAt} />,
            }}
          />
        )}
        {data === undefined ? null : (
          <Panel title="Consumer groups" note="that read this topic" isBare>
            {data.groups.length === 0 ? (
              <Empty title="No consumer group reads this topic.">
                A sink reads it when its <code>TOPICS</code> names it, or is <code>*</code>.
              </Empty>
            ) : (
              <TopicGroups groups={data.groups} />
            )}
          </Panel>
        )}
        {data !== undefined && data.partitions.length > 1 ? (
          <Panel title="Partitions" note={`${data.partitions.length}`}>
            <Facts
              facts={Object.fromEntries(
                data.partitions.map(({ partition, length, firstId, lastId }) => [
                  `p${partition}`,
                  <Mono key={partition}>{`${count(length)} · ${firstId ?? '–'} to ${lastId ?? '–'}`}</Mono>,
                ]),
              )}
            />
          </Panel>
        ) : null}
        {isSending ? <Publish onSent={() => setTurn(turn + 1)} /> : null}
        <EventBrowser key={turn} topic={topic} />
      </div>
    </>
  );
};
