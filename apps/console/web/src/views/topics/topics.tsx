import './topics.css';
import type { Sink, Stream } from '@millrace/admin-api';
import type { History } from '../../api/history.js';
import { useLive } from '../../api/live.js';
import { href, usePlace } from '../../shell/location.js';
import { bytes, compact, count, rate } from '../../ui/format.js';
import { Head, Loading, Panel } from '../../ui/panel.js';
import { Amount, type Column, Table } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { TopicDetailView } from './topic-detail.js';

const rateOf = (history: History, name: string): number | undefined =>
  history.rate(({ inbox, topics }) => [inbox, ...topics].find((one) => one.name === name)?.added);

/** Scratch groups are nobody's: they do not count. */
const withoutScratch = (stream: Stream, sinks: readonly Sink[]): Stream => ({
  ...stream,
  groups: stream.groups.filter(({ group }) => sinks.some(({ name }) => name === group)),
});

const total = ({ groups }: Stream, of: 'lag' | 'pending'): number => Math.max(0, ...groups.map((group) => group[of]));

const columnsOf = (history: History): readonly Column<Stream>[] => [
  { head: 'Topic', cell: ({ name }) => <a href={href(['topics', name])}>{name}</a> },
  { head: 'Events', isNumber: true, cell: ({ length }) => <Amount value={length} shown={count(length)} /> },
  { head: 'Rate', isNumber: true, cell: ({ name }) => rate(rateOf(history, name)) },
  { head: 'Total received', isNumber: true, isExtra: true, cell: ({ added }) => compact(added) },
  { head: 'Bytes', isNumber: true, isExtra: true, cell: (stream) => bytes(stream.bytes) },
  { head: 'Groups', isNumber: true, isExtra: true, cell: ({ groups }) => groups.length },
  { head: 'Max lag', isNumber: true, cell: (stream) => <Amount value={total(stream, 'lag')} tone="warn" /> },
  { head: 'In flight', isNumber: true, isExtra: true, cell: (stream) => <Amount value={total(stream, 'pending')} /> },
  { head: 'First', isExtra: true, cell: ({ firstAt }) => <Ago at={firstAt} /> },
  { head: 'Last', cell: ({ lastAt }) => <Ago at={lastAt} /> },
];

/** The inbox and every topic that a route names. */
const TopicList = () => {
  const { snapshot, history } = useLive();
  return (
    <>
      <Head title="Topics">
        Events come in through <code>in</code>; routes copy them to topics.
      </Head>
      {snapshot === null ? (
        <Loading what="topics" />
      ) : (
        <div className="stack">
          <Panel title="Streams" note={`${snapshot.topics.length + 1}`} isBare>
            <Table
              label="Topics"
              columns={columnsOf(history)}
              rows={[snapshot.inbox, ...snapshot.topics].map((stream) => withoutScratch(stream, snapshot.sinks))}
              keyOf={({ name }) => name}
            />
          </Panel>
          {snapshot.topics.length <= 1 ? (
            <p className="soft">
              A topic is created when a route names it. <a href={href(['routes'], { new: 1 })}>Add a route</a>
            </p>
          ) : null}
        </div>
      )}
    </>
  );
};

/** All topics, or one with its events. */
export const Topics = () => {
  const [, topic] = usePlace().parts;
  return topic === undefined ? <TopicList /> : <TopicDetailView key={topic} topic={topic} />;
};
