import { parseRoute, RouteStore, RouteTable } from '@millrace/routes';
import { fuzzRuns, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { KEY, RunningConsole } from '../running-console.js';

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
  running = await RunningConsole.start(redis.url, { API_KEYS: [KEY] });
  await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:orders'] });
  await running.transport.registry.registerTopics(['orders']);
});
afterAll(async () => {
  await running.close();
  await redis.stop();
});

/** Sends JSON as it is written, and gives the answer as it is written. */
const send = async (method: string, path: string, json?: string): Promise<string> => {
  const response = await fetch(running.url + path, {
    method,
    headers: { 'x-api-key': KEY, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: json }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
};

/** Numbers that a double does not hold, as they are written. */
const inexact = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 17, maxLength: 30 }),
  )
  .map(([sign, first, rest]) => `${sign}${first}${rest.join('').replace(/\d$/, '7')}`);
const number = fc.oneof(inexact, fc.constantFrom('1e400', '9007199254740993', '0.12345678901234567', '-1e-400'));

const eventOf = (id: string, n: string): string =>
  `{"specversion":"1.0","id":"${id}","source":"/s","type":"order","data":{"n":${n}}}`;
const append = async (json: string): Promise<void> => {
  await running.transport.producer.append({ name: 'topic:orders', partition: 0 }, [{ type: 'order', json }]);
};

describe('a body that is nested deeper than anything walks', () => {
  it.each(['[', '{"a":', '{"pattern":{"a":['])('is refused before it is parsed: %s', async (open) => {
    await expect(send('PUT', '/api/routes/deep', open.repeat(1000))).rejects.toThrow(
      /^Error: 400 .*512 levels|^400 .*512 levels/,
    );
  });
});

describe('a number that a double does not hold', () => {
  it('is the same in a route, wherever it is shown, tried out and used', async () => {
    const store = new RouteStore(running.transport);
    await fc.assert(
      fc.asyncProperty(number, number, async (value, other) => {
        const pattern = `{"data":{"n":[${value}]}}`;
        await send('PUT', '/api/routes/exact', `{"pattern":${pattern},"topics":["orders"]}`);
        for (const path of ['/api/routes', '/api/routes/exact', '/api/routes/history?limit=1']) {
          expect(await send('GET', path)).toContain(pattern);
        }
        await send('PUT', '/api/routes/drafted/draft', `{"pattern":${pattern},"topics":["orders"]}`);
        expect(await send('GET', '/api/routes/drafted/draft')).toContain(pattern);
        // What the router says is what the page says.
        const table = new RouteTable((await store.read()).definitions);
        for (const n of [value, other]) {
          const json = eventOf('1', n);
          const topics = table.topicsOf({ type: 'order', json });
          expect(topics).toEqual(n === value ? ['orders'] : ['unrouted']);
          const tried = await send('POST', '/api/routes/test', `{"pattern":${pattern},"event":${json}}`);
          expect(tried).toContain(`"result":${n === value}`);
        }
      }),
      { numRuns: fuzzRuns(15) },
    );
  });

  it('has every digit in the events of a topic, in a search and in what is followed live', async () => {
    const n = '12345678901234567890';
    const watched = new AbortController();
    const live = await fetch(`${running.url}/api/topics/orders/tail`, {
      headers: { 'x-api-key': KEY },
      signal: watched.signal,
    });
    await append(eventOf('big', n));
    expect(await send('GET', '/api/topics/orders/events?id=big')).toContain(`"n":${n}}`);
    const pattern = encodeURIComponent(`{"data":{"n":[${n}]}}`);
    expect(await send('GET', `/api/topics/orders/events?pattern=${pattern}`)).toContain('"id":"big"');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of live.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('"id":"big"')) break;
    }
    watched.abort();
    expect(text).toContain(`"n":${n}}`);
  });

  it('stays what it was in an edited dead letter', async () => {
    await append(eventOf('dead', '12345678901234567890'));
    const consumer = running.transport.consumer({ group: 'sink-a', streams: () => ['topic:orders'], partition: 0 });
    for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
      await batch.settle(() => ({ kind: 'reject', cause: new Error('no') }));
      break;
    }
    const { deadLetters } = JSON.parse(await send('GET', '/api/dead-letters?group=sink-a'));
    const { partition, id } = deadLetters[0];
    const edited =
      '{"specversion":"1.0","id":"dead","source":"/s","type":"order","data":{"n":12345678901234567890,"more":1e400}}';
    await send('POST', `/api/dead-letters/sink-a/${partition}/${id}/redrive`, `{"event":${edited}}`);
    const again = { name: 'again:sink-a', partition: 0 };
    const [delivery] = await waitFor(
      async () => {
        const all = await running.transport.reader.range(again, '-', '+', 10);
        return all.length > 0 && all;
      },
      { what: 'the redriven event' },
    );
    expect(delivery?.event.json).toBe(edited);
  });

  it('is refused in a schema, and in data that a schema would have to compare', async () => {
    const schema = '{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}';
    await expect(send('PUT', '/api/schemas/order/versions/1', schema)).rejects.toThrow(
      'version 1: /properties/n/maximum is 12345678901234567890, a number that a double does not hold',
    );
  });

  it('makes a route of a file the same as one of the API', () => {
    const route = parseRoute(
      JSON.parse('{"name":"r","pattern":"{\\"data\\":{\\"n\\":[1e400]}}","topics":"t"}'),
      'a test',
    );
    expect(route.pattern.text).toContain('1e400');
  });
});
