import { fileURLToPath } from 'node:url';
import { Operations } from '@millrace/operations';
import type { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const ORDERS = { name: 'topic:orders', partition: 0 };

describeOnRealRedis('redrives with several consoles', () => {
  let redis: RedisServer;
  let one: RunningConsole;
  let prefix: string;
  let sink: StandInSink;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    one = await RunningConsole.start(redis.url);
    prefix = one.transport.keys.prefix;
    await one.transport.registry.registerTopics(['orders']);
    sink = new StandInSink(one.transport);
    sink.outcomeOf = () => ({ kind: 'reject', cause: new RangeError('too large') });
    await sink.start();
  });
  afterEach(async () => {
    await sink.stop();
    await one.close();
  });

  const deadLetter = async (count: number): Promise<void> => {
    await one.transport.producer.append(
      ORDERS,
      Array.from({ length: count }, (_, n) => order(`e${n}`)),
    );
    await waitFor(async () => (await dead(one.transport)) === count, { what: 'all of them to be dead letters' });
    // They are dead before the sink has noted them.
    await waitFor(() => sink.seen.length === count, { what: 'the sink to have seen them' });
    sink.outcomeOf = () => ({ kind: 'ack' });
    sink.seen.length = 0;
  };
  const dead = async (transport: RedisTransport): Promise<number> =>
    (await new Operations(transport).deadLetters.counts([{ group: 'sink-a', partition: 0 }]))[0] as number;
  const look = async (console: RunningConsole, id: string): Promise<Answer['body']> =>
    (await console.ask('GET', `/api/dead-letters/redrives/${id}`)).body;
  const redriven = () => sink.seen.map(({ event }) => (JSON.parse(event.json) as { id: string }).id);

  const startProcess = async (): Promise<{ process: ServerProcess; url: string }> => {
    const port = await freePort();
    const started = new ServerProcess({
      name: 'console',
      program: process.execPath,
      args: [MAIN],
      env: { ...process.env, REDIS_URL: redis.url, KEY_PREFIX: prefix, PORT: String(port), LOG_LEVEL: 'warn' },
      stopSignal: 'SIGTERM',
      guardSignal: 'KILL',
    });
    const url = `http://127.0.0.1:${port}`;
    await waitFor(
      () =>
        fetch(`${url}/health/ready`)
          .then(({ ok }) => ok)
          .catch(() => false),
      { what: 'the console to be ready', timeoutMs: 30_000 },
    );
    return { process: started, url };
  };

  // Protected by the order and its progress in Redis: known to a process alone, it ends with that process.
  it('go on where a killed console left them: everything once, and all of it counted', async () => {
    await deadLetter(300);
    await one.stopConsole();
    const killed = await startProcess();
    const started = await fetch(`${killed.url}/api/dead-letters/redrive`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filter: { error: 'RangeError' }, perSecond: 100 }),
    });
    const { id, matched } = (await started.json()) as { id: string; matched: number };
    expect(matched).toBe(300);
    await waitFor(() => sink.seen.length > 0, { what: 'a beginning' });
    await killed.process.kill();
    const next = await RunningConsole.start(redis.url, { KEY_PREFIX: prefix });
    const end = await waitFor(
      async () => {
        const view = await look(next, id);
        return view.state !== 'running' && view;
      },
      { what: 'the redrive to be ended by the other console', timeoutMs: 40_000 },
    );
    expect(end).toMatchObject({ state: 'done', matched: 300, redriven: 300, withoutPayload: 0 });
    await waitFor(() => sink.seen.length >= 300, { what: 'all of them again' });
    expect(new Set(redriven()).size).toBe(300);
    expect(sink.seen.length).toBe(300);
    await next.close();
  });

  it('are seen by each, and what one runs the other stops', async () => {
    await deadLetter(50);
    const other = await RunningConsole.start(redis.url, { KEY_PREFIX: prefix });
    const { body } = await one.ask('POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 5 });
    expect((await other.ask('GET', '/api/dead-letters/redrives')).body.redrives).toMatchObject([
      { id: body.id, state: 'running', matched: 50 },
    ]);
    await waitFor(async () => (await look(other, body.id)).redriven > 0, { what: 'a beginning' });
    const path = `/api/dead-letters/redrives/${body.id}`;
    expect((await other.ask('DELETE', path)).status).toBe(204);
    expect((await look(one, body.id)).state).toBe('stopped');
    expect(await one.ask('DELETE', path)).toMatchObject({ status: 409, body: { detail: 'This redrive is stopped' } });
    const actions = (await one.ask('GET', '/api/audit')).body.entries.map(({ action }: { action: string }) => action);
    expect(actions.filter((action: string) => action === 'stop redrive')).toHaveLength(1);
    await other.close();
  });

  it('are ended for what was there when they began: what dies again meanwhile is not of them', async () => {
    await deadLetter(20);
    sink.outcomeOf = () => ({ kind: 'reject', cause: new RangeError('still too large') });
    const { body } = await one.ask('POST', '/api/dead-letters/redrive', { filter: {}, perSecond: 50 });
    const end = await waitFor(
      async () => {
        const view = await look(one, body.id);
        return view.state === 'done' && view;
      },
      { what: 'the redrive to end' },
    );
    expect(end.redriven).toBe(20);
    await waitFor(async () => (await dead(one.transport)) === 20, { what: 'all of them to fail again' });
  });

  // Protected by one Function for each: GET and then PEXPIRE or UNLINK are of a lock that may be another's by then.
  it('are run by one of any number of consoles that want to', async () => {
    const jobs = new Operations(one.transport).jobs('redrives');
    const owners = Array.from({ length: 20 }, (_, n) => `console-${n}`);
    const tries = await Promise.all(owners.map((owner) => jobs.lock('job', owner, 60_000)));
    expect(tries.filter((got) => got)).toHaveLength(1);
    const owner = owners[tries.indexOf(true)] as string;
    await Promise.all(owners.filter((one) => one !== owner).map((other) => jobs.unlock('job', other)));
    expect(await jobs.lock('job', 'somebody else', 60_000)).toBe(false);
    expect(await jobs.lock('job', owner, 60_000)).toBe(true);
    await jobs.unlock('job', owner);
    expect(await jobs.lock('job', 'somebody else', 60_000)).toBe(true);
  });

  it('are taken up from a console whose Redis had a clock that was ahead', async () => {
    const jobs = new Operations(one.transport).jobs('redrives');
    const key = one.transport.keys.control('redrives:owner:job');
    await one.transport.connections.connect('test').set(key, 'gone', 'PX', 86_400_000);
    expect(await jobs.lock('job', 'me', 10_000)).toBe(false);
    expect(await one.transport.connections.connect('test').pttl(key)).toBeLessThanOrEqual(10_000);
  });
});
