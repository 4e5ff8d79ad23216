import { useLive } from '../../api/live.js';
import { usePlace } from '../../shell/location.js';
import { Empty, Head, Loading, Panel } from '../../ui/panel.js';
import { SinkDetail } from './sink-detail.js';
import { SinkTable } from './sink-table.js';

/** The registered groups: the router, the sinks, the endpoints of the webhook sink. */
export const Sinks = () => {
  const [, name] = usePlace().parts;
  const { snapshot } = useLive();
  const sink = snapshot?.sinks.find((one) => one.name === name);
  return (
    <>
      <Head title="Sinks">Each is a consumer group of its own, with its own retries and dead letters.</Head>
      {snapshot === null ? (
        <Loading what="sinks" />
      ) : snapshot.sinks.length === 0 ? (
        <Panel title="Groups" isBare>
          <Empty title="No consumer group is registered.">
            The router and every sink register when they start. Start one: <code>node apps/router/dist/main.js</code>
          </Empty>
        </Panel>
      ) : (
        <div className="stack">
          <Panel title="Groups" note={`${snapshot.sinks.length}`} isBare>
            <SinkTable sinks={snapshot.sinks} />
          </Panel>
          {sink === undefined ? null : <SinkDetail key={sink.name} sink={sink} />}
        </div>
      )}
    </>
  );
};
