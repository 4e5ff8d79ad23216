import type { Outcome } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis } from '@millrace/testkit';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const IN = { name: 'in', partition: 0 };
const TARGETS = 50;
const json = JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: 'x'.repeat(200_000) });
const names = Array.from({ length: TARGETS }, (_, n) => `topic:t${n}`);

describeOnRealRedis('copies of one event in many streams', () => {
  let transport: RedisTransport;
  let fresh: FreshRedis;
  freshRedis((given) => {
    fresh = given;
    ({ transport } = given);
  });

  const received = async (): Promise<number> =>
    Number(/total_net_input_bytes:(\d+)/.exec(await fresh.redis.info('stats'))?.[1]);

  /** Routes one event as it is told; gives how many bytes that sent. */
  const route = async (of: RedisTransport, outcome: Outcome): Promise<number> => {
    await transport.producer.append(IN, [{ type: 't', json }]);
    const stop = new AbortController();
    const consumer = of.consumer({ group: 'g', streams: () => ['in'], partition: 0 });
    let bytes = 0;
    for await (const batch of consumer.batches(stop.signal)) {
      const before = await received();
      const { stale } = await batch.settle(() => outcome);
      bytes = (await received()) - before;
      expect(stale).toEqual([]);
      stop.abort();
    }
    return bytes;
  };

  const stored = async (name: string) =>
    (await transport.reader.range({ name, partition: 0 }, '-', '+', 10)).map(({ event }) => event.json);

  // Protected by the step `same`: without it a router has the text once more for each topic.
  it.each([1, 100])('are sent as one text, in entries of at most %d events', async (frameMaxEvents) => {
    const of = new RedisTransport({ url: fresh.server.url, frameMaxEvents });
    const to = names.map((name) => ({ to: name, event: { type: 't', json } }));
    expect(await route(of, { kind: 'forward', to }).finally(() => of.close())).toBeLessThan(2 * json.length);
    for (const name of names) expect(await stored(name)).toEqual([json]);
  });

  it('with where they came from, and with another text between them', async () => {
    const from = { stream: 'topic:t', position: '1-1' };
    const other = { type: 'u', json: '{"other":1}' };
    const to = names.map((name, n) => ({ to: name, event: n % 10 === 9 ? other : { type: 't', json }, from }));
    expect(await route(transport, { kind: 'forward', to })).toBeLessThan(8 * json.length);
    for (const [n, name] of names.entries()) expect(await stored(name)).toEqual([n % 10 === 9 ? other.json : json]);
    const [delivery] = await transport.reader.range({ name: 'topic:t9', partition: 0 }, '-', '+', 1);
    expect(delivery).toMatchObject({ stream: 'topic:t', position: '1-1' });
  });
});
