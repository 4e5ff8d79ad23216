import { type EndpointState, parseEndpoint, streamOf } from '@millrace/endpoints';
import { createLogger, Health } from '@millrace/host';
import { type Delivery, fixedPartitions } from '@millrace/streams';
import { MemoryTransport } from '@millrace/streams/memory';
import { freePort, fuzzRuns, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { Breaker } from '../src/delivery/breaker.js';
import { EndpointDelivery } from '../src/delivery/endpoint-delivery.js';
import { EndpointStatus } from '../src/delivery/endpoint-status.js';
import { EndpointSupervisor } from '../src/delivery/endpoint-supervisor.js';
import { Rate } from '../src/delivery/rate.js';
import { AddressGuard } from '../src/http/address-guard.js';
import { EndpointClient } from '../src/http/endpoint-client.js';
import { Unreachable } from '../src/http/verdict.js';
import { BAD, type Behaviour, type FaultyServer, GOOD, startFaulty } from './http/faulty-server.js';

const DAY = 86_400_000;
/** Long enough that only those run into it who are meant to, on a busy machine too: whoever is given up may have taken it. */
const TIMEOUT_MS = 1500;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
const guard = new AddressGuard(['127.0.0.0/8']);

/** Endpoints that are delivered to from memory, under a clock that is set by hand. */
class Deliveries {
  now = Date.now();
  readonly states = new Map<string, EndpointState>();
  readonly notices: string[] = [];
  private readonly transport = new MemoryTransport();
  private readonly running: EndpointDelivery[] = [];

  start(name: string, url: string): void {
    const endpoint = parseEndpoint({ name, url }, { source: 'test', place: 'endpoint' });
    const set = (state: EndpointState) => {
      const { offAt, offReason } = this.states.get(name) ?? {};
      this.states.set(name, { ...state, ...(offAt === undefined ? {} : { offAt, offReason: offReason ?? '' }) });
    };
    const delivery = new EndpointDelivery({
      partitions: fixedPartitions(1),
      consumer: (partition) =>
        this.transport.consumer({
          group: `hook.${name}`,
          streams: () => [streamOf(name)],
          partition,
          retryDelayMs: () => 5,
          maxAttempts: 100_000,
          maxRetryAgeMs: 1000 * DAY,
        }),
      client: new EndpointClient(endpoint, { connections: 2, timeoutMs: TIMEOUT_MS, guard }),
      status: new EndpointStatus(name, new Health(), log),
      supervisor: new EndpointSupervisor({
        endpoint: name,
        states: {
          of: async () => this.states.get(name) ?? {},
          failing: async (_, failing) => set(failing),
          delivered: async () => set({}),
          deliveredAt: async () => undefined,
          off: async (_, off) => {
            this.states.set(name, { ...this.states.get(name), ...off });
            return true;
          },
        },
        offAfterMs: 5 * DAY,
        notify: async () => void this.notices.push(name),
        log,
      }),
      breaker: new Breaker({ after: 1_000_000, firstMs: 1, longestMs: 1 }),
      rate: new Rate(undefined),
      round: { concurrency: 2, waitMs: 1, atMost: 10, onSettled: () => undefined, onFailure: () => undefined },
      onSent: () => undefined,
      now: () => this.now,
    });
    this.running.push(delivery);
    delivery.start();
  }

  async publish(name: string, count: number): Promise<void> {
    const events = Array.from({ length: count }, (_, n) => ({
      type: 't',
      json: JSON.stringify({ specversion: '1.0', id: `${n}`, source: '/s', type: 't' }),
    }));
    await this.transport.producer.append({ name: streamOf(name), partition: 0 }, events);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((one) => one.stop(0)));
    await this.transport.close();
  }
}

describe('endpoints that fail in every way', () => {
  it('are each counted, and disabled on schedule with one notice, while the others get everything once', async () => {
    const deliveries = new Deliveries();
    const servers: FaultyServer[] = [];
    const good = new Map<string, FaultyServer>();
    const bad = new Set<string>();
    const nameOf = (kind: string, title: string) => `${kind}.${title.replace(/[^A-Za-z0-9]+/g, '-')}`;
    const serve = async (name: string, behaviour: Behaviour): Promise<FaultyServer> => {
      const server = await startFaulty(behaviour);
      servers.push(server);
      deliveries.start(name, `http://127.0.0.1:${server.port}/`);
      return server;
    };
    for (const [title, behaviour] of Object.entries(GOOD)) {
      const name = nameOf('good', title);
      good.set(name, await serve(name, behaviour));
    }
    for (const [title, behaviour] of Object.entries(BAD)) {
      const name = nameOf('bad', title);
      bad.add(name);
      await serve(name, behaviour);
    }
    const unreachable = { refused: `http://127.0.0.1:${await freePort()}/`, unknown: 'http://nowhere.invalid/' };
    const plain = await startFaulty(GOOD['204'] as Behaviour);
    servers.push(plain);
    for (const [name, url] of Object.entries({ ...unreachable, tls: `https://127.0.0.1:${plain.port}/` })) {
      bad.add(name);
      deliveries.start(name, url);
    }
    await Promise.all([...good.keys(), ...bad].map((name) => deliveries.publish(name, 3)));

    const stateOf = (name: string) => deliveries.states.get(name) ?? {};
    const failing = () => [...bad].filter((name) => stateOf(name).failingSince === undefined);
    await waitFor(() => failing().length === 0, { what: 'every failure to be counted', timeoutMs: 90_000 });
    const isServed = (server: FaultyServer) => server.accepted.size === 3;
    await waitFor(() => [...good.values()].every(isServed), { what: 'the good ones', timeoutMs: 90_000 });
    expect([...bad].filter((name) => stateOf(name).offAt !== undefined)).toEqual([]);

    deliveries.now += 5 * DAY;
    const on = () => [...bad].filter((name) => stateOf(name).offAt === undefined);
    await waitFor(() => on().length === 0, { what: 'every one to be disabled', timeoutMs: 90_000 });
    expect([...deliveries.notices].sort()).toEqual([...bad].sort());
    const counts = [...good].map(([name, { accepted }]) => [name, [...accepted.values()]]);
    expect(counts).toEqual([...good.keys()].map((name) => [name, [1, 1, 1]]));
    await deliveries.stop();
    await Promise.all(servers.map((server) => server.stop()));
  }, 300_000);

  it('and work now and then get everything once all the same, and are not disabled', async () => {
    const bad = fc.constantFrom(...Object.keys(BAD).filter((title) => !title.startsWith('429')));
    const good = fc.constantFrom(...Object.keys(GOOD));
    const cycle = fc.tuple(fc.array(bad, { maxLength: 3 }), good, fc.array(fc.oneof(bad, good), { maxLength: 2 }));
    await fc.assert(
      fc.asyncProperty(cycle, async ([before, one, after]) => {
        const titles = [...before, one, ...after];
        const server = await startFaulty(...titles.map((title) => (BAD[title] ?? GOOD[title]) as Behaviour));
        const deliveries = new Deliveries();
        deliveries.start('a', `http://127.0.0.1:${server.port}/`);
        await deliveries.publish('a', 3);
        await waitFor(() => server.accepted.size === 3, { what: 'all three', timeoutMs: 90_000 });
        expect(deliveries.states.get('a')?.offAt).toBeUndefined();
        await deliveries.stop();
        await server.stop();
        expect([...server.accepted.values()]).toEqual([1, 1, 1]);
      }),
      { numRuns: fuzzRuns(10) },
    );
  }, 400_000);
});

describe('an endpoint that is accepted', () => {
  it('can have a request made to it, whatever is written in it', async () => {
    const nowhere = new AddressGuard([], ((_name: string, _options: object, done: (error: Error) => void) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))) as never);
    const part = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom(
        '50%',
        '%zz',
        '%ff',
        '%c3%a9',
        'é',
        '漢',
        '',
        'a:b',
        'x'.repeat(70),
        'a..b',
        '[::1]',
        '127.0.0.1',
        'ex ample',
      ),
    );
    const url = fc
      .record({
        user: part,
        password: part,
        host: part,
        port: fc.oneof(fc.nat(70_000).map(String), part),
        path: part,
        search: part,
        hash: part,
      })
      .map(
        ({ user, password, host, port, path, search, hash }) =>
          `http://${user}:${password}@${host}:${port}/${path}?${search}#${hash}`,
      );
    const plainUrl = fc.tuple(part, part).map(([host, path]) => `https://${host}/${path}`);
    const value = fc.oneof(
      fc.string({ maxLength: 10 }),

      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom('a\r\nb: c', 'é', '漢', '\u0000', ' x '),
    );
    const written = fc.record(
      {
        name: fc.constant('a'),
        url: fc.oneof(
          url,
          plainUrl,
          fc.tuple(part, part).map(([path, user]) => `https://${encodeURIComponent(user)}@example.com/${path}`),
        ),
        headers: fc.dictionary(
          fc.oneof(part, fc.constantFrom('x-a', 'Host', 'expect', 'connection', 'upgrade', 'cookie', ':path')),
          value,
          { maxKeys: 3 },
        ),
        format: fc.constantFrom('structured', 'binary', 'data'),
        timeout: fc.constantFrom('1ms', '10s', '5m'),
        rate: fc.oneof(fc.constant(5), fc.double({ min: 1e-6, max: 1e6 }), fc.double()),
      },
      { requiredKeys: ['name', 'url'] },
    );
    const event = { type: 't', json: '{"specversion":"1.0","id":"é 1","source":"/s","type":"t","data":"x"}' };
    const delivery: Delivery = { event, attempt: 1, position: '1-0', stream: 'topic:a', partition: 0 };
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(written, async (one) => {
        let endpoint: ReturnType<typeof parseEndpoint>;
        try {
          endpoint = parseEndpoint(one, { source: 'test', place: 'endpoint' });
        } catch (error) {
          expect((error as Error).name).toBe('EndpointError');
          return;
        }
        taken += 1;
        const client = new EndpointClient(endpoint, { connections: 1, timeoutMs: 1000, guard: nowhere });
        const failure = await client.send(delivery).catch((error: Error) => error);
        client.cut();
        // There is nobody at any of them: a request was made and found no connection, or no address that it may go to.
        expect(failure).toBeInstanceOf(Error);
        expect(failure instanceof Unreachable || /is not allowed/.test((failure as Error).message)).toBe(true);
        expect(new Rate(endpoint.perSecond).take(0)).toBeLessThan(2 ** 31);
      }),
      { numRuns: fuzzRuns(500) },
    );
    expect(taken).toBeGreaterThan(20);
  });
});
