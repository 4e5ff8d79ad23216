import { DEFINITIONS_LIBRARY, VersionedHash } from '@millrace/definitions';
import { serveBatches } from '@millrace/streams';
import { TokenBuckets } from '@millrace/streams/redis';
import { STREAMS_LIBRARY } from '@millrace/streams/redis/internal';
import { describeOnRealRedis, waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { OPERATIONS_LIBRARY } from '../src/functions/operations-library.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

/** The Functions of these libraries, by their names in Redis. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...STREAMS_LIBRARY.functions.map((name) => [STREAMS_LIBRARY.functionName(name), name] as const),
  ...OPERATIONS_LIBRARY.functions.map((name) => [OPERATIONS_LIBRARY.functionName(name), name] as const),
  ...DEFINITIONS_LIBRARY.functions.map((name) => [DEFINITIONS_LIBRARY.functionName(name), name] as const),
]);

/** A call of a Function, by its name in Redis, as a transport or operations make it. */
interface Call {
  readonly called: string;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

const IN = { name: 'in', partition: 0 };
const event = (n: number) => ({
  type: 't',
  json: `{"specversion":"1.0","id":"${n}","source":"/s","type":"t","subject":"k${n % 3}"}`,
});
const events = (count: number) => Array.from({ length: count }, (_, n) => event(n));
const ACK = { kind: 'ack' } as const;

/** Something of everything that a transport and operations do, so that each Function is called. */
const doEverything = async ({ transport, operations, redis }: FreshRedis): Promise<void> => {
  const consume = async (
    options: object,
    settled: number,
    outcome: (n: number, attempt: number) => never,
    leave = false,
  ): Promise<void> => {
    const stop = new AbortController();
    let seen = 0;
    const all = { group: 'g', streams: () => ['in', 'topic:t'], partition: 0, claimAfterMs: 100, ...options };
    const running = serveBatches(
      transport.consumer(all),
      async (batch) => {
        if (leave) return;
        await batch.settle(({ attempt }, n) => outcome(n, attempt));
        seen += batch.deliveries.length;
        if (seen >= settled) stop.abort();
      },
      stop.signal,
    );
    if (leave)
      await waitFor(async () => (await operations.observations.pending(IN, all.group, 10)).length > 0, {
        what: 'a batch',
      }).then(() => stop.abort());
    await running;
  };
  const error = new Error('no');
  const outcomes = [
    ACK,
    { kind: 'retry', cause: error, afterMs: 5 },
    { kind: 'reject', cause: error },
    { kind: 'forward', to: [{ to: 'topic:t', event: event(9) }] },
  ];
  const mixed = (n: number) => outcomes[n % outcomes.length] as never;
  await transport.partitions.read();
  await transport.registry.registerGroup({ group: 'g', hop: 'g', streams: ['in', 'topic:*'] });
  await transport.registry.registerTopics(['t']);
  await operations.audit.add('who', 'did', {});
  await transport.notes.publish('mr:{ctl}:note', 'text', 1000);
  await transport.producer.append(IN, events(9), { digests: events(9).map((_, n) => [`d${n % 7}`]) });
  await consume({}, 8, mixed);
  await transport.producer.append(IN, events(5));
  await consume({}, 0, mixed, true);
  await consume({}, 5, mixed);
  await redis.xadd('mr:{p0}:in', '*', 'count', '2', 'events', `${event(1).json}\n${event(2).json}`, 'types', 't\nt');
  // Each fails once, so the frame is taken apart.
  const retry = { kind: 'retry', cause: error, afterMs: 1 };
  await consume({ order: 'key', group: 'k' }, 32, (_, attempt) => (attempt === 1 ? retry : ACK) as never);
  // What a crash left, and a consumer that is gone.
  await transport.producer.append(IN, events(3));
  await redis.call('XREADGROUP', 'GROUP', 'k', 'gone', 'COUNT', 2, 'STREAMS', 'mr:{p0}:in', '>');
  await consume(
    { order: 'key', group: 'k' },
    3,
    (n) => (n === 0 ? { kind: 'retry', cause: error, afterMs: 1 } : ACK) as never,
  );
  await redis.call('XGROUP', 'CREATECONSUMER', 'mr:{p0}:in', 'g', 'silent');
  await operations.doctor.tidy([IN], 0);
  await redis.call('XREADGROUP', 'GROUP', 'g', 'gone', 'COUNT', 1, 'STREAMS', 'mr:{p0}:in', '>');
  await transport.streams.inspect([IN]);
  await operations.observations.oldestUnsettled([
    { stream: IN, group: { name: 'g', lag: 2, pending: 1, consumers: 1, lastDeliveredId: '0-0' } },
  ]);
  await transport.reader.range(IN, '-', '+', 10);
  const range = { group: 'g', partition: 0, from: '-', to: '+' };
  const [letter] = await operations.deadLetters.newest(range, 1);
  if (letter !== undefined) await operations.deadLetters.redrive(range, [{ letter }]);
  const letters = await operations.deadLetters.oldest(range, 2);
  await operations.deadLetters.redriveStep({ id: 'r', ...range }, { from: undefined, to: '1-1', letters });
  const part = { id: 'r', group: 'g', partition: 0 };
  const [delivery] = await transport.reader.range(IN, '-', '+', 1);
  await operations.replayer.step(part, {
    from: undefined,
    to: '1-1',
    looked: 1,
    events: delivery === undefined ? [] : [delivery],
  });
  const jobs = operations.jobs('redrives');
  await jobs.changeState('r', 'a', ['b']);
  await jobs.lock('r', 'me', 1000);
  await jobs.unlock('r', 'me');
  await new VersionedHash(transport, 'routes').change({ who: '', action: 'put' }, () => [['r', '{}']]);
  await new TokenBuckets(transport).take('b', { tokens: 10, windowMs: 1000 }, 1, 1);
  await transport.trimmer.trim([{ stream: IN, retention: { maxLength: 3, maxAgeMs: 0 }, groups: ['g', 'k'] }]);
  const bounds = { maxLength: 1, maxBytes: 0, maxAgeMs: 0 };
  const fields = JSON.stringify([
    'type',
    't',
    'event',
    event(1).json,
    'stream',
    'in',
    'position',
    '1-1',
    'attempt',
    '1',
  ]);
  for (const name of ['again:g/1-1/0', 'again:g/2-1/0']) {
    await redis.hset('mr:{p0}:parked:g:payloads', name, fields);
    await redis.zadd('mr:{p0}:parked:g', Date.now() + 60_000, name);
  }
  await operations.leftovers.giveUpRetries({ group: 'g', hop: 'g', partition: 0 }, bounds);
  await operations.leftovers.shortenDead({ group: 'g', hop: 'g', partition: 0 }, bounds);
  await transport.traces.flush();
  await consume({ group: 'h' }, 0, mixed, true);
};

/** Values that are no number, or none that fits. */
const BAD = [
  '',
  'x',
  'nan',
  'NaN',
  'inf',
  '-inf',
  '-1',
  '1e309',
  '1e15',
  '0x10',
  '1.5',
  '99999999999999999999',
  ' 1',
  '1 ',
  '\u0000',
];

describeOnRealRedis('the Functions of the transport, of operators and of definitions', () => {
  let fresh: FreshRedis;
  freshRedis(
    (one) => {
      fresh = one;
    },
    { 'enable-debug-command': 'yes' },
  );

  const recorded = async (): Promise<Map<string, Call[]>> => {
    const calls = new Map<string, Call[]>();
    const monitor = await fresh.transport.connections.connectTo('', 'monitored').monitor();
    monitor.on('monitor', (_at: string, [command, called = '', count, ...rest]: string[]) => {
      const name = FUNCTIONS.get(called);
      if (!/^FCALL(_RO)?$/i.test(command ?? '') || name === undefined) return;
      const call = { called, keys: rest.slice(0, Number(count)), args: rest.slice(Number(count)) };
      calls.set(name, [...(calls.get(name) ?? []), call]);
    });
    await doEverything(fresh);
    await waitFor(() => calls.has('trim'), { what: 'the last calls' });
    monitor.disconnect();
    return calls;
  };

  // Protected by the checks at the start of each Function: `tonumber` in their place takes nan for a delay, and ZADD does not.
  it('write nothing where they fail, whatever a number is or a key holds', async () => {
    const calls = await recorded();
    const { redis } = fresh;
    const uncalled = [...new Set(FUNCTIONS.values())].filter((name) => !calls.has(name));
    // These need a raise, or what a crash leaves at the right moment.
    expect(
      uncalled.filter(
        (name) =>
          !['raise', 'raised', 'gate', 'disown', 'foreign_pending', 'claim_pending', 'mark', 'renew'].includes(name),
      ),
    ).toEqual([]);
    for (const [of, kind] of [
      ['str', 'SET'],
      ['list', 'RPUSH'],
      ['aset', 'SADD'],
    ] as const)
      await redis.call(kind, `mr:{p0}:${of}`, 'x');
    // Nothing else may change what is there while it is looked at, and nothing may expire.
    fresh.transport.partitions.stop();
    await redis.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    for (const key of await redis.keys('*')) await redis.persist(key);
    const all = [...calls.values()].flatMap((some) => some.slice(-6));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...all),
        fc.nat(),
        fc.oneof(fc.constantFrom(...BAD), fc.string()),
        fc.constantFrom('argument', 'argument', 'key', 'end'),
        async ({ called, keys, args }, at, bad, what) => {
          const [changedKeys, changedArgs] = [[...keys], [...args]];
          if (what === 'key')
            changedKeys[at % keys.length] = ['mr:{p0}:str', 'mr:{p0}:list', 'mr:{p0}:aset'][at % 3] as string;
          else if (what === 'end') changedArgs.length = at % (args.length + 1);
          else if (args.length > 0) changedArgs[at % args.length] = bad;
          for (const key of changedKeys) await redis.persist(key);
          const before = await redis.call('DEBUG', 'DIGEST');
          const failure = await redis.call('FCALL', called, keys.length, ...changedKeys, ...changedArgs).then(
            () => undefined,
            (error: Error) => error.message,
          );
          if (failure === undefined) return;
          expect({ called, failure, changed: before !== (await redis.call('DEBUG', 'DIGEST')) }).toMatchObject({
            changed: false,
          });
          // A failure that the Function did not foresee tells the line that it came from.
          if (/^(ERR )?user_function/.test(failure) || /nonexistent global/.test(failure))
            throw new Error(`${called}: ${failure}`);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
