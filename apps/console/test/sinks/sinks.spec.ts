import { type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const ORDERS = { name: 'topic:orders', partition: 0 };

let redis: RedisServer;
let running: RunningConsole;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  running = await RunningConsole.start(redis.url);
  await running.transport.registry.registerTopics(['orders']);
});
afterEach(() => running.close());

const append = (...ids: string[]) =>
  running.transport.producer.append(
    ORDERS,
    ids.map((id) => order(id)),
  );

describe.each(['none', 'key'])('a sink of order %s', (kept) => {
  it('reads nothing while it is paused, and goes on after', async () => {
    const sink = await new StandInSink(running.transport, 'sink-a', { order: kept }).start();
    await append('1');
    await waitFor(() => sink.seen.length === 1, { what: 'the first event' });
    const paused = await running.ask('POST', '/api/sinks/sink-a/pause');
    expect(paused).toMatchObject({
      status: 200,
      body: { name: 'sink-a', paused: { at: expect.any(Number), who: '' } },
    });
    await waitFor(() => running.transport.controls.isPaused('sink-a'), { what: 'the process to know' });
    // A read that was blocked may still get one; what comes after that waits.
    await append('2');
    await waitFor(
      async () => {
        await append('more');
        return (await running.ask('GET', '/api/sinks/sink-a')).body.lag > 1;
      },
      { what: 'a lag', everyMs: 300 },
    );
    const before = sink.seen.length;
    await append('3');
    const { body } = await running.ask('GET', '/api/sinks/sink-a');
    expect(body.oldestWaitingAt).toEqual(expect.any(Number));
    expect(sink.seen.length).toBe(before);
    await running.ask('POST', '/api/sinks/sink-a/resume');
    await waitFor(() => sink.seen.some(({ event }) => event.json.includes('"id":"3"')), { what: 'the rest' });
    expect((await running.ask('GET', '/api/sinks/sink-a')).body).toMatchObject({ paused: null });
    const { entries } = (await running.ask('GET', '/api/audit')).body;
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(['resume', 'pause']);
    await sink.stop();
  });
});

describe('a sink that is gone', () => {
  const age = async (): Promise<void> => {
    const client = running.transport.connections.connect('test');
    const key = running.transport.keys.control('sinks');
    const stored = JSON.parse((await client.hget(key, 'sink-a')) as string);
    await client.hset(key, 'sink-a', JSON.stringify({ ...stored, seenAt: Date.now() - 120_000 }));
  };

  it('is forgotten when nobody runs it and it owes nothing', async () => {
    const sink = await new StandInSink(running.transport).start();
    await append('1');
    await waitFor(() => sink.seen.length === 1, { what: 'the event' });
    await sink.stop();
    const early = await running.ask('DELETE', '/api/sinks/sink-a');
    expect(early).toMatchObject({ status: 409, body: { detail: expect.stringContaining('within the last minute') } });
    await age();
    expect(await running.ask('DELETE', '/api/sinks/sink-a')).toMatchObject({ status: 204 });
    expect((await running.ask('GET', '/api/sinks')).body.sinks).toEqual([]);
    expect((await running.transport.streams.inspect([ORDERS]))[0]?.groups).toEqual([]);
    expect(await running.ask('DELETE', '/api/sinks/sink-a')).toMatchObject({ status: 404 });
  });

  it('is named by the doctor with what it holds, and is kept with what it has not delivered, unless that may go', async () => {
    await running.transport.registry.registerGroup({ group: 'sink-a', hop: 'sink-a', streams: ['topic:*'] });
    await append('1', '2', '3');
    await running.transport.registry.registerGroup({ group: 'sink-b', hop: 'sink-b', streams: ['topic:*'] });
    const client = running.transport.connections.connect('test');
    const key = running.transport.keys.control('sinks');
    const stored = JSON.parse((await client.hget(key, 'sink-a')) as string);
    await client.hset(key, 'sink-a', JSON.stringify({ ...stored, seenAt: 1_700_000_000_000 }));
    const { findings } = (await running.ask('GET', '/api/doctor')).body;
    expect(findings.filter(({ check }: { check: string }) => check === 'group')).toEqual([
      {
        check: 'group',
        verdict: 'warning',
        detail: expect.stringMatching(
          /^the group sink-a had its last heartbeat at 2023-11-14T22:13:20.000Z and holds 3 events, about 0\.0 MiB; /,
        ),
      },
    ]);
    expect((await running.ask('DELETE', '/api/sinks/sink-a')).body.detail).toMatch(/has 3 undelivered events/);
    expect((await running.ask('DELETE', '/api/sinks/sink-a?discard=true')).status).toBe(204);
    const { entries } = (await running.ask('GET', '/api/audit')).body;
    expect(entries[0]).toMatchObject({ action: 'forget', detail: { group: 'sink-a', unread: 3 } });
  });

  it('is kept with its dead letters, unless these may go too', async () => {
    const sink = new StandInSink(running.transport);
    sink.outcomeOf = () => ({ kind: 'reject', cause: new Error('no') });
    await sink.start();
    await append('1');
    await waitFor(() => sink.seen.length === 1, { what: 'the event' });
    await sink.stop();
    await age();
    expect(await running.ask('DELETE', '/api/sinks/sink-a')).toMatchObject({
      status: 409,
      body: {
        detail:
          '"sink-a" has 0 undelivered events, 0 scheduled for retry and 1 dead letters; set discard=true to discard them',
      },
    });
    expect(await running.ask('DELETE', '/api/sinks/sink-a?discard=true')).toMatchObject({ status: 204 });
    await new StandInSink(running.transport).start().then((again) => again.stop());
    expect((await running.ask('GET', '/api/sinks/sink-a')).body.deadLetters).toBe(0);
  });
});
