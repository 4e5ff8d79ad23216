import { parseFile } from '@millrace/definitions';
import { createLogger, loadConfig, Metrics, noTracing } from '@millrace/host';
import { type Decider, type Decisions, ROUTES, RouteTable, Transformer } from '@millrace/routes';
import { type Batch, type Delivery, type Outcome, type Settlement, Unavailable } from '@millrace/streams';
import { RouterController } from '../src/router.controller.js';
import { RouterConfig } from '../src/router-config.js';
import type { Routes, RoutesInForce } from '../src/routes/routes.js';

const NOTHING: Settlement = { stale: [], parked: [], dead: [] };
const routesOf = (version: number, ...topics: string[]): RoutesInForce => {
  const routes = [{ name: 'all', pattern: { type: ['t'] }, topics }];
  const table = new RouteTable(parseFile(ROUTES, JSON.stringify({ routes }), 'test.yaml'));
  return { table, decider: { version, digest: table.digest } };
};
const delivery = (n: number, more: Partial<Delivery> = {}): Delivery => ({
  event: { type: 't', json: JSON.stringify({ specversion: '1.0', id: `e${n}`, source: '/s', type: 't' }) },
  attempt: 1,
  position: `${n}-0`,
  stream: 'in',
  partition: 0,
  ...more,
});

describe('RouterController', () => {
  const transformer = new Transformer({ timeoutMs: 1000, maxBytes: 100_000, memoryMb: 128 });
  afterAll(() => transformer.close());

  const start = (first: RoutesInForce) => {
    const routes = { current: first };
    const recorded: [partition: number, version: number][] = [];
    const decisions = {
      record: async (partition: number, { version }: Decider) => void recorded.push([partition, version]),
    };
    const metrics = new Metrics();
    const controller = new RouterController(
      routes as Routes,
      transformer,
      decisions as Decisions,
      createLogger({ hop: 'router', level: 'silent', format: 'json' }),
      noTracing(),
      loadConfig(RouterConfig, {}),
      metrics,
    );
    const counted = async (name: string, label: string): Promise<Record<string, number>> => {
      const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
      return Object.fromEntries(values.map(({ labels, value }) => [labels[label], value]));
    };
    return { controller, routes, decisions, recorded, counted };
  };
  /** What each delivery was settled as: the streams that it goes to. */
  const batchOf = (deliveries: readonly Delivery[], settlement = NOTHING) => {
    const asked: Outcome[] = [];
    const settle: Batch['settle'] = async (outcomeOf) => {
      asked.push(...deliveries.map(outcomeOf));
      return settlement;
    };
    const streams = () =>
      asked.map((outcome) => (outcome.kind === 'forward' ? outcome.to.map(({ to }) => to) : outcome.kind));
    return { batch: { deliveries, settle }, streams };
  };

  it('settles a batch by the routes in force, and counts copies and what became of the deliveries', async () => {
    const { controller, counted } = start(routesOf(1, 'a', 'b'));
    const deliveries = [1, 2, 3, 4].map((n) => delivery(n, n === 4 ? { stream: 'topic:a' } : {}));
    const [stale, parked] = deliveries as [Delivery, Delivery];
    const { batch, streams } = batchOf(deliveries, { stale: [stale], parked: [parked], dead: [] });
    await controller.route(batch);
    const both = ['topic:a', 'topic:b'];
    expect(streams()).toEqual([both, both, both, ['topic:b']]);
    expect(await counted('millrace_routed_total', 'topic')).toEqual({ a: 3, b: 4 });
    expect(await counted('millrace_deliveries_total', 'outcome')).toEqual({ routed: 2, stale: 1, retried: 1 });
    // Also of what is routed again.
    expect(await counted('millrace_deliveries_total', 'topic')).toEqual({ in: expect.any(Number) });
  });

  it('records by which routes it decides before it settles, once for each partition until they change', async () => {
    const { controller, routes, recorded } = start(routesOf(1, 'a'));
    const route = async (partition: number) => {
      const { batch, streams } = batchOf([delivery(1, { partition })]);
      await controller.route(batch);
      return streams();
    };
    expect(await route(0)).toEqual([['topic:a']]);
    await route(0);
    await route(1);
    expect(recorded).toEqual([
      [0, 1],
      [1, 1],
    ]);
    routes.current = routesOf(2, 'b');
    expect(await route(0)).toEqual([['topic:b']]);
    expect(recorded).toEqual([
      [0, 1],
      [1, 1],
      [0, 2],
    ]);
  });

  it('settles nothing where that cannot be recorded, and counts nothing of what was not settled', async () => {
    const { controller, decisions, counted } = start(routesOf(1, 'a'));
    const record = decisions.record;
    decisions.record = () => Promise.reject(new Unavailable('away'));
    const { batch, streams } = batchOf([delivery(1)]);
    await expect(controller.route(batch)).rejects.toThrow(Unavailable);
    expect(streams()).toEqual([]);
    decisions.record = record;
    const settle = () => Promise.reject(new Unavailable('away'));
    await expect(controller.route({ ...batch, settle })).rejects.toThrow(Unavailable);
    expect([
      await counted('millrace_routed_total', 'topic'),
      await counted('millrace_deliveries_total', 'outcome'),
    ]).toEqual([{}, {}]);
  });

  it('says which version of the routes it has', async () => {
    const { counted, routes } = start(routesOf(7, 'a'));
    expect(Object.values(await counted('millrace_routes_version', ''))).toEqual([7]);
    routes.current = routesOf(8, 'a');
    expect(Object.values(await counted('millrace_routes_version', ''))).toEqual([8]);
  });
});
