import { Operations } from '@millrace/operations';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
});
afterEach(() => running.close());

const levels = async () => (await running.ask('GET', '/api/logs/level')).body.levels;

it('sets the level of a service, for a time, and gives it its own back', async () => {
  expect(await levels()).toEqual([]);
  const { body } = await running.ask('PUT', '/api/logs/level/gateway', { level: 'debug', seconds: 60 });
  const { warnings, ...set } = body;
  expect(set).toEqual({ service: 'gateway', level: 'debug', until: expect.any(Number) });
  expect(warnings).toEqual([]);
  expect(Math.abs(body.until - Date.now() - 60_000)).toBeLessThan(10_000);
  await running.ask('PUT', '/api/logs/level/all', { level: 'error' });
  expect(await levels()).toEqual([{ service: 'all', level: 'error', until: null }, set]);
  expect((await running.ask('DELETE', '/api/logs/level/gateway')).body).toEqual({
    service: 'gateway',
    level: 'error',
    until: null,
    warnings: ['all is set to error, which holds for it now'],
  });
  expect(await running.ask('DELETE', '/api/logs/level/gateway')).toMatchObject({ status: 404 });
  expect(await levels()).toEqual([{ service: 'all', level: 'error', until: null }]);
  const { entries } = (await running.ask('GET', '/api/audit')).body;
  expect(entries.map(({ action, detail }: { action: string; detail: unknown }) => [action, detail])).toEqual([
    ['reset log level', { service: 'gateway' }],
    ['set log level', { service: 'all', level: 'error', until: null }],
    ['set log level', { service: 'gateway', level: 'debug', until: body.until }],
  ]);
});

it('is followed by the service itself before that of all, and only as long as it lasts', async () => {
  const { controls } = running.transport;
  let looks = 0;
  controls.follow(() => {
    looks += 1;
  });
  const seen = async () => {
    const before = looks;
    await waitFor(() => looks > before + 1, { what: 'another look' });
    return [controls.logLevelOf('gateway'), controls.logLevelOf('router')];
  };
  expect(await seen()).toEqual([undefined, undefined]);
  await running.ask('PUT', '/api/logs/level/all', { level: 'error' });
  await running.ask('PUT', '/api/logs/level/gateway', { level: 'trace' });
  expect(await seen()).toEqual(['trace', 'error']);
  await new Operations(running.transport).settings.setLogLevel('gateway', { level: 'trace', until: Date.now() - 1 });
  expect(await seen()).toEqual(['error', 'error']);
  expect(await levels()).toEqual([{ service: 'all', level: 'error', until: null }]);
});

it.each([
  ['PUT', '/api/logs/level/gateway', { level: 'loud' }],
  ['PUT', '/api/logs/level/gateway', { level: 'info', seconds: 0 }],
  ['PUT', '/api/logs/level/Gate%20way', { level: 'info' }],
  ['DELETE', '/api/logs/level/a%2Fb', undefined],
])('%s %s does not take %j', async (method, path, body) => {
  expect(await running.ask(method, path, body)).toMatchObject({ status: 400 });
});
