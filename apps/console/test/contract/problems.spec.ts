import { type RedisServer, startRedis } from '@millrace/testkit';
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

const ROUTE = { pattern: { type: ['a'] }, topics: ['a'] };

describe('a problem has a code, and points to the part of the input that it is about', () => {
  it.each<[string, string, unknown, string, string | undefined]>([
    ['GET', '/api/topics/none', undefined, 'not-found', undefined],
    ['GET', '/api/nothing', undefined, 'not-found', undefined],
    ['GET', '/api/dead-letters?limit=0', undefined, 'bad-request', 'limit'],
    ['GET', '/api/dead-letters?from=yesterday', undefined, 'bad-request', 'from'],
    ['GET', '/api/dead-letters?colour=red', undefined, 'bad-request', 'colour'],
    ['GET', '/api/topics/in/events?pattern=%7B', undefined, 'bad-pattern', 'pattern'],
    ['DELETE', '/api/routes/a?verison=3', undefined, 'bad-request', 'verison'],
    ['GET', '/api/audit?limt=3', undefined, 'bad-request', 'limt'],
    ['GET', '/api/topics/in/events/x', undefined, 'bad-request', 'position'],
    ['POST', '/api/dead-letters/purge', [], 'bad-request', undefined],
    ['POST', '/api/dead-letters/purge', { filter: { hop: 1 } }, 'bad-request', '/filter/hop'],
    ['POST', '/api/dead-letters/purge', { filter: { 'a/b~c': 1 } }, 'bad-request', '/filter/a~1b~0c'],
    ['POST', '/api/dead-letters/purge', { filter: { to: 'tomorrow' } }, 'bad-request', '/filter/to'],
    ['POST', '/api/replays', { topic: 'a', sink: 'b', from: 'then' }, 'bad-request', '/from'],
    ['POST', '/api/replays', { topic: 'a', sink: 'b', pattern: { type: 1 } }, 'bad-pattern', '/pattern'],
    ['POST', '/api/replays', { topic: 'none', sink: 'b' }, 'not-found', '/topic'],
    ['POST', '/api/routes/test', { pattern: '{', event: {} }, 'bad-pattern', '/pattern'],
    ['POST', '/api/routes/test', { pattern: ROUTE.pattern, event: '{' }, 'bad-event', '/event'],
    ['PUT', '/api/routes/a', { ...ROUTE, topics: [] }, 'bad-route', '/topics'],
    ['PUT', '/api/routes/a', { ...ROUTE, transform: '(' }, 'bad-route', '/transform'],
    ['PUT', '/api/routes/a', { ...ROUTE, name: 'b' }, 'bad-route', '/name'],
    ['PUT', '/api/routes/a', { ...ROUTE, colour: 'red' }, 'bad-route', '/colour'],
    ['PUT', '/api/routes/a', { topics: ['a'], filters: [{ exact: 1 }] }, 'bad-route', '/filters'],
    ['POST', '/api/routes', { routes: [{ ...ROUTE, name: 'a' }, { name: 'b' }] }, 'bad-route', '/routes/1/pattern'],
    ['POST', '/api/routes/a/shadow', { route: { ...ROUTE, priority: 1.5 } }, 'bad-route', '/route/priority'],
    ['PUT', '/api/webhooks/a', { url: 'nowhere' }, 'bad-endpoint', '/url'],
    ['PUT', '/api/webhooks/a', { url: 'http://a', rate: 0 }, 'bad-endpoint', '/rate'],
    ['PUT', '/api/webhooks/a', { url: 'http://a', headers: { 'a b': 'c' } }, 'bad-endpoint', '/headers'],
    ['PUT', '/api/webhooks/a', { url: 'http://a', colour: 1 }, 'bad-endpoint', '/colour'],
    ['POST', '/api/keys', { name: 'a b', scopes: ['read'] }, 'bad-key', '/name'],
    ['POST', '/api/keys', { name: 'a', scopes: ['read'], expires: 'soon' }, 'bad-request', '/expires'],
    ['POST', '/api/keys', { name: 'a', scopes: ['read'], expires: '2020-01-01' }, 'bad-key', '/expires'],
    ['POST', '/api/partitions/raise', { to: 0 }, 'bad-request', '/to'],
  ])('%s %s %j: %s at %s', async (method, path, body, code, pointer) => {
    const answered = await running.ask(method, path, body);
    expect(answered.body).toMatchObject({ type: `urn:millrace:problem:${code}`, code, detail: expect.any(String) });
    expect(answered.body.pointer).toBe(pointer);
  });
});
