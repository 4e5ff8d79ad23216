import { type Endpoint, EndpointStore, parseEndpoint } from '@millrace/endpoints';
import { createLogger } from '@millrace/host';
import { type Delivery, PermanentError, Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { costlyMatch, freePort, startRedis, waitFor } from '@millrace/testkit';
import { EndpointDispatch } from '../src/endpoint-dispatch.js';
import { Endpoints } from '../src/endpoints/endpoints.js';
import { Orders } from '../src/endpoints/orders.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

const endpointsOf = (transport: RedisTransport, environment: readonly Endpoint[] = []): Endpoints => {
  const [store, orders] = [new EndpointStore(transport), new Orders(transport)];
  return new Endpoints({ file: undefined, environment, store, orders }, ['*'], log);
};

const delivery = (json = '{"type":"t"}'): Delivery => ({
  event: { type: 't', json },
  attempt: 1,
  position: '1-0',
  stream: 'topic:orders',
  partition: 0,
});

describe('EndpointDispatch', () => {
  it('says of no event that nobody takes it, until Redis was asked for endpoints', async () => {
    const port = await freePort();
    const transport = new RedisTransport({ url: `redis://127.0.0.1:${port}` });
    const known = parseEndpoint({ name: 'a', url: 'http://h', topics: ['orders'] }, { source: 'test', place: 'a' });
    const endpoints = endpointsOf(transport, [known]);
    const dispatch = new EndpointDispatch(endpoints);
    await endpoints.start(() => undefined);
    await expect(dispatch.streamsOf('users', delivery())).rejects.toThrow(Unavailable);
    await expect(dispatch.streamsOf('orders', delivery())).rejects.toThrow(Unavailable);

    const redis = await startRedis({ port });
    await waitFor(() => endpoints.complete, { what: 'Redis to be asked' });
    expect(await dispatch.streamsOf('users', delivery())).toEqual([]);
    expect(await dispatch.streamsOf('orders', delivery())).toEqual(['hook:a']);
    await endpoints.stop();
    await transport.close();
    await redis.stop();
  });

  it('tells of endpoints that it read before Redis failed', async () => {
    const redis = await startRedis();
    const transport = new RedisTransport({ url: redis.url });
    await new EndpointStore(transport).write('a', 'put', () => ({ name: 'a', url: 'http://h', signed: false }), {
      who: 'test',
    });
    // One of several commands may fail: the endpoints are read, and what else is known of them is not.
    const states = transport.connections.connect('a state of another type');
    const turn = transport.keys.control('endpoints:turn');
    await states.set(turn, 'no hash');
    const endpoints = endpointsOf(transport);
    const told: string[][] = [];
    await endpoints.start((table) => void told.push(table.endpoints.map(({ name }) => name)));
    expect(endpoints.complete).toBe(false);
    expect(told).toEqual([[]]);
    await states.del(turn);
    await waitFor(() => endpoints.complete, { what: 'the state to be read' });
    expect(told).toEqual([[], ['a']]);
    endpoints.stop();
    await transport.close();
    await redis.stop();
  });

  it('sends on what the pattern of an endpoint matches, and rejects what cannot be read', async () => {
    const redis = await startRedis();
    const transport = new RedisTransport({ url: redis.url });
    const origin = { source: 'test', place: 'endpoint' };
    const pattern = { data: { amount: [{ numeric: ['>', 10] }] } };
    const known = [
      parseEndpoint({ name: 'all', url: 'http://h' }, origin),
      parseEndpoint({ name: 'large', url: 'http://h', pattern }, origin),
      parseEndpoint({ name: 'none', url: 'http://h', enabled: false }, origin),
      parseEndpoint({ name: 'costly', url: 'http://h', topics: ['costly'], pattern: costlyMatch().pattern }, origin),
    ];
    const endpoints = endpointsOf(transport, known);
    const dispatch = new EndpointDispatch(endpoints);
    await endpoints.start(() => undefined);
    expect(await dispatch.streamsOf('orders', delivery('{"data":{"amount":11}}'))).toEqual(['hook:all', 'hook:large']);
    expect(await dispatch.streamsOf('orders', delivery('{"data":{"amount":9}}'))).toEqual(['hook:all']);
    await expect(dispatch.streamsOf('orders', delivery('{"data":'))).rejects.toThrow(PermanentError);
    const costly = JSON.stringify({ data: costlyMatch().data });
    await expect(dispatch.streamsOf('costly', delivery(costly))).rejects.toThrow(PermanentError);
    await expect(dispatch.streamsOf('costly', delivery(costly))).rejects.toThrow(
      /cannot be matched against the patterns of endpoints: matching exceeds \d+ steps/,
    );
    await endpoints.stop();
    await transport.close();
    await redis.stop();
  });
});
