import { VersionedHash } from '@millrace/definitions';
import { againStream } from '@millrace/streams';
import { consume } from '@millrace/streams/testing';
import { describeOnRealRedis } from '@millrace/testkit';
import fc from 'fast-check';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

const RANGE = { group: 'g', partition: 0, from: '-', to: '+' };
const EVENT = '{"specversion":"1.0","id":"1","source":"/s","type":"t"}';
const NAMES = [
  ...['type', 'event', 'fields', 'attempts', 'first', 'last', 'history', 'hop', 'group', 'error', 'message', 'stack'],
  ...['who', 'action', 'detail', 'version', 'at', 'changes'],
];
const ODD = [
  '',
  '0',
  '-1',
  'NaN',
  '1e309',
  '0x10',
  'null',
  '[]',
  '{}',
  '[null]',
  '{"at":null}',
  '[{"at":"x"}]',
  '"',
  '[[[',
];
const field = fc.oneof(fc.constantFrom(...NAMES), fc.string({ minLength: 1 }));
const value = fc.oneof(fc.constantFrom(...ODD), fc.string(), fc.json());

describeOnRealRedis('what anybody may have written', () => {
  let fresh: FreshRedis;
  freshRedis((one) => {
    fresh = one;
  });

  it('is redriven with its event where that can be read', async () => {
    const { transport, operations, redis } = fresh;
    const consumer = () => transport.consumer({ group: 'g', streams: () => ['in'], partition: 0 });
    await redis.xadd('mr:{p0}:in', '*', 'type', 't', 'event', EVENT, 'history', 'v1');
    await consume(consumer(), (seen) => seen.length === 1);
    const [letter] = await operations.deadLetters.newest(RANGE, 10);
    expect(letter).toMatchObject({ json: EVENT, type: 't', fields: ['type', 't', 'history', 'v1'] });
    expect(await operations.deadLetters.redrive(RANGE, [{ letter: letter as NonNullable<typeof letter> }])).toBe(1);
    const [again] = await consume(consumer(), (seen) => seen.length === 1);
    expect(again).toMatchObject({ event: { json: EVENT } });
    expect(await transport.streams.backlog({ name: againStream('g'), partition: 0 }, 'g')).toBe(0);
  });

  it('is read whatever it is', async () => {
    const { transport, operations, redis } = fresh;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 6 }), async (pairs) => {
        await redis.flushall();
        const flat = pairs.flat();
        await redis.hset('mr:{ctl}:routes', ...flat);
        await redis.hset(
          'mr:{ctl}:controls',
          'pause g',
          flat[1] as string,
          'log all',
          flat[1] as string,
          'trace',
          flat[1] as string,
        );
        await redis.set('mr:{ctl}:routes:version', flat[1] as string);
        for (const name of ['mr:{ctl}:audit', 'mr:{ctl}:routes:history', 'mr:{p0}:dead:g'])
          await redis.xadd(name, '*', ...flat);
        await operations.settings.pauses();
        await operations.settings.trace();
        await operations.settings.logLevels();
        await operations.audit.newest(10);
        await operations.deadLetters.newest(RANGE, 10);
        const routes = new VersionedHash(transport, 'routes');
        expect(Number.isSafeInteger(await routes.version())).toBe(true);
        await routes.history(10);
      }),
      { numRuns: 100 },
    );
  });
});
