import { RedisTransport } from '@millrace/streams/redis';
import { freePort, waitFor } from '@millrace/testkit';

const KINDS = ['redis', 'redis+sentinel', 'redis+cluster'] as const;
/** A cluster ends between its attempts to connect. */
const MOMENTS = [
  ['connects', /^connecting$/],
  ['waits to connect again', /^(reconnecting|end)$/],
] as const;
const CASES = KINDS.flatMap((kind) =>
  ['every slot', 'one slot'].flatMap((reach) =>
    MOMENTS.map(([moment, status]) => [kind, reach, moment, status] as const),
  ),
);

// Protected by `disconnect` of the client: without it what is queued between two attempts to connect waits for its time-out.
describe('a transport that is closed while Redis is away', () => {
  it.each(CASES)('%s, to %s, while it %s: what is in flight is rejected', async (kind, reach, _, status) => {
    const port = await freePort();
    const name = kind === 'redis+sentinel' ? '/main' : '';
    const transport = new RedisTransport({ url: `${kind}://127.0.0.1:${port}${name}` });
    const { connections } = transport;
    const redis = reach === 'every slot' ? connections.connect('test') : connections.connectTo('{p0}', 'test');
    await waitFor(() => status.test(redis.status), { what: `the connection to be ${status}`, everyMs: 1 });
    const answer = redis.get('{p0}a').catch(({ message }: Error) => message);
    await transport.close();
    expect(await answer).not.toMatch(/timed out|timeout/i);
    expect(redis.status).toBe('end');
  });
});
