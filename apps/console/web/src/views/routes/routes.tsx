import './routes.css';
import type { RouteList as AllRoutes } from '@millrace/admin-api';
import { useList } from '../../api/use-query.js';
import { go, href, usePlace } from '../../shell/location.js';
import { Head, Loading, Problem } from '../../ui/panel.js';
import { Tabs } from '../../ui/tabs.js';
import { RouteEditor } from './editor.js';
import { RouteHistory } from './history.js';
import { RouteList } from './route-list.js';
import { TestAll } from './test-all.js';

const LOOK_EVERY_MS = 5000;
const TABS = [
  ['routes', 'Routes'],
  ['test', 'Test an event'],
  ['history', 'History'],
] as const;

/** What goes where: the routes, and what a change of them would do. */
export const Routes = () => {
  const { parts, query } = usePlace();
  const [, name] = parts;
  const isNew = query.has('new');
  const routes = useList<AllRoutes>('routes', LOOK_EVERY_MS);
  const tab = TABS.find(([one]) => one === query.get('tab'))?.[0] ?? 'routes';
  const { data } = routes;
  if (name !== undefined || isNew) {
    return (
      <>
        <Head
          title={
            <>
              <a className="crumb" href={href(['routes'])}>
                Routes
              </a>{' '}
              / {name ?? 'new'}
            </>
          }
        />
        <Problem error={routes.error} onRetry={routes.reload} />
        {data === undefined ? (
          <Loading what="routes" unless={routes.error} />
        ) : (
          <RouteEditor key={name ?? 'new'} name={name} all={data} onChange={routes.reload} />
        )}
      </>
    );
  }
  return (
    <>
      <Head
        title="Routes"
        actions={
          <a className="button main" href={href(['routes'], { new: 1 })}>
            New route
          </a>
        }
      >
        {data === undefined
          ? 'Rules that copy events to topics.'
          : `Rules that copy events to topics. Version ${data.version} is live.`}
      </Head>
      <div className="stack">
        <Tabs
          label="Parts of the routes"
          tabs={TABS}
          chosen={tab}
          onChoose={(to) => go(href(['routes'], to === 'routes' ? {} : { tab: to }))}
        />
        <Problem error={routes.error} onRetry={routes.reload} />
        {data?.invalid.map((message) => (
          <Problem key={message} error={new Error(`A stored route cannot be used: ${message}`)} />
        ))}
        {tab === 'test' ? (
          <TestAll routes={data} />
        ) : tab === 'history' ? (
          <RouteHistory version={data?.version} onChange={routes.reload} />
        ) : data === undefined ? (
          <Loading what="routes" unless={routes.error} />
        ) : (
          <RouteList all={data} />
        )}
      </div>
    </>
  );
};
