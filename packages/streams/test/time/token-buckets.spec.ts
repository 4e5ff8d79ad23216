import { RedisTransport, TokenBuckets } from '@millrace/streams/redis';
import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';

let server: RedisServer;
let transport: RedisTransport;
let names = 0;
let name: string;

beforeAll(async () => {
  server = await startRedis();
  transport = new RedisTransport({ url: server.url });
});
afterAll(async () => {
  await transport.close();
  await server.stop();
});
beforeEach(() => {
  name = `bucket-${names++}`;
});

const SLOW = { tokens: 10, windowMs: 3_600_000 };
const take = (needed: number, welcome = 0, size = SLOW) =>
  new TokenBuckets(transport).take(name, size, needed, welcome);

describe('a token bucket', () => {
  it('is full at first, and gives what is needed whole or not at all', async () => {
    expect(await take(4)).toEqual({ ok: true, more: 0, left: 6 });
    expect(await take(7)).toMatchObject({ ok: false, left: 6 });
    expect(await take(6)).toEqual({ ok: true, more: 0, left: 0 });
  });

  it('says how long it takes until there is enough', async () => {
    await take(10);
    const taken = await take(1);
    if (taken.ok) throw new Error('it was empty');
    expect(taken.waitMs).toBeGreaterThan(350_000);
    expect(taken.waitMs).toBeLessThanOrEqual(360_000);
  });

  it('gives of what is welcome what there is', async () => {
    expect(await take(2, 3)).toEqual({ ok: true, more: 3, left: 5 });
    expect(await take(2, 100)).toEqual({ ok: true, more: 3, left: 0 });
  });

  it('gives more than it holds when it is full, as a debt', async () => {
    expect(await take(25, 5)).toEqual({ ok: true, more: 0, left: -15 });
    const taken = await take(1);
    expect(taken).toMatchObject({ ok: false, left: -15 });
    if (!taken.ok) expect(taken.waitMs).toBeGreaterThan(15 * 360_000);
    expect(await transport.connections.connect('look').pttl(transport.keys.bucket(name))).toBeGreaterThan(20 * 360_000);
  });

  it('fills evenly', async () => {
    const fast = { tokens: 1000, windowMs: 1000 };
    const begun = performance.now(); // Before it is empty: it fills while the answer is on its way.
    await take(1000, 0, fast);
    await waitFor(async () => (await take(500, 0, fast)).ok, { what: 'half of it' });
    // Redis counts whole milliseconds.
    expect(performance.now() - begun).toBeGreaterThan(490);
  });

  it('never gives more than it holds and what came in since, to however many at once', async () => {
    const fast = { tokens: 100, windowMs: 1000 };
    const begun = performance.now();
    let given = 0;
    await Promise.all(
      Array.from({ length: 300 }, async () => {
        if ((await take(1, 0, fast)).ok) given += 1;
      }),
    );
    expect(given).toBeGreaterThanOrEqual(100);
    expect(given).toBeLessThanOrEqual(100 + (performance.now() - begun) / 10 + 1);
  });
});
