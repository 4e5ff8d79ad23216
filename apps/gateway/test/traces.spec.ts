import { type RedisServer, startRedis } from '@millrace/testkit';
import { startGateway, type TestGateway } from './gateway.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const event = (id: string, rest: object = {}) => ({ specversion: '1.0', id, source: '/s', type: 't', ...rest });

let redis: RedisServer;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => gateway.close());

describe('the trace of a request, with tracing off', () => {
  const traces = async () => (await gateway.appended()).map(({ traceparent, tracestate }) => [traceparent, tracestate]);

  it('goes into its event, in every form', async () => {
    gateway = await startGateway(redis.url);
    const headers = { traceparent: PARENT, tracestate: 'vendor=1' };
    const binary = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/s', 'ce-type': 't' };
    await gateway.post(event('1'), { ...headers, 'content-type': 'application/cloudevents+json' });
    await gateway.post('{"n":1}', { ...headers, ...binary });
    await gateway.post({ type: 't' }, headers);
    expect(await traces()).toEqual(Array(3).fill([PARENT, 'vendor=1']));
  });

  it('leaves an event its own, and does not touch what has none, or came with others', async () => {
    gateway = await startGateway(redis.url);
    const own = PARENT.replace('-b7', '-c8');
    await gateway.post(event('1', { traceparent: own }), { traceparent: PARENT });
    await gateway.post(event('2'), { traceparent: 'none' });
    await gateway.post(event('3'));
    await gateway.post([event('4'), event('5')], { traceparent: PARENT });
    expect(await traces()).toEqual([[own, undefined], ...Array(4).fill([undefined, undefined])]);
  });

  it('is not looked at where OTEL_PROPAGATORS says so', async () => {
    gateway = await startGateway(redis.url, { OTEL_PROPAGATORS: ['none'] });
    await gateway.post(event('1'), { traceparent: PARENT });
    expect(await traces()).toEqual([[undefined, undefined]]);
  });
});
