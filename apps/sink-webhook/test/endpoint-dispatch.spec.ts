import { createLogger } from '@millrace/host';
import { Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, startRedis, waitFor } from '@millrace/testkit';
import { EndpointDispatch } from '../src/endpoint-dispatch.js';
import { Endpoints } from '../src/endpoints/endpoints.js';
import { parseEndpoint } from '../src/endpoints/parse-endpoint.js';
import { StoredEndpoints } from '../src/endpoints/stored-endpoints.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

describe('EndpointDispatch', () => {
  it('says of no event that nobody takes it, until Redis was asked for endpoints', async () => {
    const port = await freePort();
    const transport = new RedisTransport({ url: `redis://127.0.0.1:${port}` });
    const known = parseEndpoint({ name: 'a', url: 'http://h', topics: ['orders'] }, { source: 'test', place: 'a' });
    const endpoints = new Endpoints(undefined, [known], new StoredEndpoints(transport), ['*'], log);
    const dispatch = new EndpointDispatch(endpoints);
    await endpoints.start(() => undefined);
    expect(() => dispatch.streamsOf('users')).toThrow(Unavailable);
    expect(() => dispatch.streamsOf('orders')).toThrow(Unavailable);

    const redis = await startRedis({ port });
    await waitFor(() => endpoints.complete, { what: 'Redis to be asked' });
    expect(dispatch.streamsOf('users')).toEqual([]);
    expect(dispatch.streamsOf('orders')).toEqual(['hook:a']);
    endpoints.stop();
    await transport.close();
    await redis.stop();
  });
});
