import { Operations } from '@millrace/operations';
import type { RunningConsole } from '../running-console.js';

const MIB = 1024 * 1024;
/** Large ones of each place: many times what one answer gives. */
export const LARGE = 40;
const PARTITIONS = 2;

/** A text that grows when it is written as a string of JSON. */
const large = (n: number) => ({
  type: 'order',
  json: JSON.stringify({
    specversion: '1.0',
    id: `e${n}`,
    source: '/s',
    type: 'order',
    data: { text: 'x'.repeat(MIB - 200) },
  }),
});

/** Fills every place that can hold large texts, as anybody who may publish can; gives the positions that operations ask for. */
export const fill = async ({
  transport,
  ask,
}: {
  transport: RunningConsole['transport'];
  ask: RunningConsole['ask'];
}) => {
  const { registry, keys, producer } = transport;
  const { audit } = new Operations(transport);
  const redis = transport.connections.connect('fill');
  const key = (name: string, partition: number) => keys.stream({ name, partition });
  await registry.registerTopics(['orders']);
  for (const group of ['sink-a', 'sink-b'])
    await registry.registerGroup({ group, hop: group, streams: ['topic:orders'] });
  await registry.registerGroup({ group: 'router', hop: 'router', streams: ['in'] });
  const pattern = { type: ['order'], data: { text: [{ prefix: 'x' }] } };
  for (let n = 0; n < 30; n += 1) await ask('PUT', `/api/routes/r${n}`, { pattern, topics: ['orders'] });
  await ask('PUT', '/api/routes/r0/draft', { pattern, topics: ['orders'] });
  await ask('PUT', '/api/webhooks/a', { url: 'http://h/', topics: ['orders'] });
  await ask('PUT', '/api/schemas/order/versions/v1', { type: 'object' });
  let letter = '';
  for (let n = 0; n < LARGE; n += 1) {
    const { type, json } = large(n);
    const partition = n % PARTITIONS;
    for (const stream of ['in', 'topic:orders', 'topic:unrouted']) {
      await producer.append({ name: stream, partition }, [{ type, json }]);
    }
    for (const group of ['sink-a', 'sink-b', 'router']) {
      await redis.xadd(
        key(`again:${group}`, partition),
        '*',
        'type',
        type,
        'event',
        json,
        'stream',
        'topic:orders',
        'position',
        `1-${n}`,
        'history',
        '[]',
      );
    }
    await redis.zadd(key('parked:sink-a', partition), 4e12, `n${n}`);
    await redis.hset(key('parked:sink-a:payloads', partition), `n${n}`, JSON.stringify(['type', type, 'event', json]));
    const about = [
      'hop',
      'sink-a',
      'group',
      'sink-a',
      'stream',
      'topic:orders',
      'position',
      `1-${n}`,
      'error',
      'RangeError',
    ];
    const times = ['message', 'no', 'attempts', '1', 'first', '1', 'last', String(n), 'history', '[]'];
    const added = await redis.xadd(key('dead:sink-a', partition), '*', 'type', type, 'event', json, ...about, ...times);
    if (partition === 0) letter = added as string;
    await audit.add('somebody', 'redrive', { n, was: json });
    const attempt = {
      at: 1,
      attempt: 1,
      type,
      source: '/s',
      id: `e${n}`,
      stream: 'topic:orders',
      position: '1-0',
      partition,
      ms: 1,
      answer: 'x'.repeat(1000),
    };
    await redis.xadd(keys.control('endpoints:attempts:a'), '*', 'attempt', JSON.stringify(attempt));
  }
  const [newest] = await transport.reader.newest({ name: 'topic:orders', partition: 0 }, '-', '+', 1);
  return { letter, position: newest?.position as string };
};
