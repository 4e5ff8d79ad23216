import { stripVTControlCharacters } from 'node:util';
import { itOnRealRedis, waitFor } from '@millrace/testkit';
import { EXIT } from '../../src/errors.js';
import { eventOf, Pipeline } from '../pipeline.js';
import { type Ran, RunningCli } from '../running-cli.js';

let cli: RunningCli;
let pipeline: Pipeline;

beforeAll(async () => {
  cli = await RunningCli.start();
  pipeline = new Pipeline(cli.redis.url);
  await pipeline.registerTopics('orders', 'taps');
  await pipeline.registerGroup('sink-a', 'topic:orders');
  const events = Array.from({ length: 30 }, (_, n) =>
    eventOf(`o${n}`, { type: n % 3 === 0 ? 'order.paid' : 'refund', data: { n, who: `customer-${n}` } }),
  );
  await pipeline.append('topic:orders', ...events);
});
afterAll(async () => {
  await pipeline?.close();
  await cli?.stop();
});

const run = (args: string | readonly string[], ...more: readonly [Parameters<RunningCli['run']>[1]?]) =>
  cli.run(args, ...more);
const ids = async (args: string | readonly string[]): Promise<string[]> => {
  const words = typeof args === 'string' ? args.split(' ') : args;
  const { events } = await cli.json(['topics', 'events', 'orders', ...words]);
  return events.map(({ event }: { event: { id: string } }) => event.id);
};

describe('millrace topics', () => {
  itOnRealRedis('lists topics with what is in them', async () => {
    const { out } = await run('topics ls');
    expect(out.split('\n')[0]).toMatch(/^topic +events +size +newest +backlog +read by$/);
    expect(out).toMatch(/^orders +30 +\S+ \S+ +\d+ \S+ +\d+/m);
    expect(out).toMatch(/^in +0 /m);
  });

  itOnRealRedis('tells sizes that are right within a tenth', async () => {
    const sizes = Array.from({ length: 40 }, (_, n) =>
      eventOf(`s${n}`, { data: 'x'.repeat(n % 8 === 0 ? 20_000 : 50) }),
    );
    await pipeline.registerTopics('sizes');
    await pipeline.append('topic:sizes', ...sizes);
    const key = pipeline.transport.keys.stream({ name: 'topic:sizes', partition: 0 });
    const exact = (await pipeline.transport.connections.connect('test').memory('USAGE', key, 'SAMPLES', 0)) as number;
    const { bytes } = await cli.json('topics show sizes');
    expect(Math.abs(bytes - exact)).toBeLessThanOrEqual(exact / 10);
  });

  it('shows one, with who reads it', async () => {
    await pipeline.transport.consumer({ group: 'sink-a', streams: () => ['topic:orders'], partition: 0 });
    const { out } = await run('topics show orders');
    expect(out).toMatch(/^events +30 retained of 30 received in total/m);
    expect(out).toMatch(/^partition +events +size +first +last\n +0 +30 /m);
    expect(await cli.json('topics show orders')).toMatchObject({ name: 'orders', partitions: [{ length: 30 }] });
    expect(await run('topics show nowhere')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/topic "nowhere" not found/i),
    });
  });

  it('finds events by all that they have', async () => {
    expect(await ids('--limit 2')).toEqual(['o29', 'o28']);
    expect(await ids('--limit 2 --oldest')).toEqual(['o0', 'o1']);
    expect(await ids('--type order.paid --limit 2')).toEqual(['o27', 'o24']);
    expect(await ids('--type ord* --limit 100')).toHaveLength(10);
    expect(await ids('--id o7')).toEqual(['o7']);
    expect(await ids('--text customer-17')).toEqual(['o17']);
    expect(await ids(['--pattern', '{"data":{"n":[{"numeric":[">",27]}]}}'])).toEqual(['o29', 'o28']);
    expect(await ids('--from 5m --limit 100')).toHaveLength(30);
    expect(await ids('--to 5m')).toEqual([]);
    expect((await run('topics events orders --text nobody')).out).toBe('no matches');
    expect((await run('topics events orders --limit 1')).out).toMatch(
      /\d+-\d+ +refund +\{"specversion":"1\.0","id":"o29"/,
    );
  });

  it('goes on until it has as many as were asked for', async () => {
    const many = Array.from({ length: 2500 }, (_, n) => eventOf(`m${n}`));
    for (let from = 0; from < many.length; from += 500) {
      await pipeline.append('in', ...many.slice(from, from + 500));
    }
    const { events, next } = await cli.json('topics events in --limit 2200');
    expect(new Set(events.map(({ event }: { event: { id: string } }) => event.id)).size).toBe(2200);
    expect(next).toEqual(expect.any(String));
    expect((await cli.json('topics events in --limit 5000')).next).toBeNull();
  });

  it.each([
    [['topics', 'events', 'orders', '--pattern', '{"type":"a"}'], EXIT.failed, /pattern: /],
    [['topics', 'events', 'orders', '--pattern', 'x'], EXIT.usage, /it is not JSON/],
    [['topics', 'events', 'orders', '--pattern', '[]'], EXIT.usage, /expected a JSON object/],
    [['topics', 'events', 'nowhere'], EXIT.failed, /topic "nowhere" not found/i],
    [['topics', 'events', '..'], EXIT.failed, /"\.\." is not a valid name/],
    [['topics', 'events', 'orders', '--from', 'noon'], EXIT.usage, /"noon" is not a time/],
  ])('%j is refused', async (args, code, error) => {
    expect(await run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });
});

/** A tap, and events that are appended until it has seen enough of them. */
const tapped = async (args: string, around: Parameters<RunningCli['run']>[1] = {}): Promise<Ran> => {
  let ended: Ran | undefined;
  const ran = run(`tap ${args}`, around).then((end) => {
    ended = end;
    return end;
  });
  let n = 0;
  await waitFor(
    async () => {
      if (ended !== undefined) return true;
      n += 1;
      await pipeline.append(
        'topic:taps',
        eventOf(`t${n}`, { subject: 'customer-7', data: { n } }),
        eventOf(`r${n}`, { type: 'refund' }),
        eventOf(`h${n}`, { type: 'hostile\u001b[2J', data: '\u009b31m\u202e' }),
      );
      return false;
    },
    { what: 'the tap to end' },
  );
  return ran;
};

describe('millrace tap', () => {
  it('shows events as they come, one line each', async () => {
    const { out, code, error } = await tapped('taps --type order.paid --limit 3');
    expect({ code, error }).toEqual({ code: EXIT.done, error: '' });
    const lines = out.split('\n');
    expect(lines).toHaveLength(3);
    for (const one of lines) {
      expect(one).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}order\.paid {2}\/shop\/1 t\d+ customer-7 {2}\{"n":\d+\}$/);
    }
  });

  it('writes NDJSON with --json', async () => {
    const { out } = await tapped('taps --type refund --limit 2 --json');
    const events = out.split('\n').map((one) => JSON.parse(one));
    expect(events).toMatchObject([{ type: 'refund', streamId: expect.any(String) }, { type: 'refund' }]);
  });

  it('has colours on a terminal and is as wide as that, and nothing raw of the events', async () => {
    const terminal = { isTerminal: true, size: { columns: 60, rows: 24 } };
    const { out } = await tapped('taps --text hostile --limit 1', terminal);
    const ours = stripVTControlCharacters(out);
    expect(out).not.toBe(ours);
    expect(ours).toContain('hostile\\u001b[2J');
    expect(ours).toMatch(/^[^\p{Cc}\p{Cf}]{1,60}$/u);
    const plain = await tapped('taps --text hostile --limit 1', { ...terminal, env: { NO_COLOR: '1' } });
    expect(plain.out).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
  });

  it('ends on Ctrl-C as it should', async () => {
    const watch = (_: string, interrupt: () => void) => interrupt();
    expect(await tapped('taps', { watch })).toMatchObject({ code: EXIT.done, error: '' });
  });

  it.each([
    ['tap nowhere', EXIT.failed, /topic "nowhere" not found/i],
    ['tap taps --pattern {"type":"a"}', EXIT.failed, /pattern: /],
    ['tap taps --limit 0', EXIT.usage, /expected a whole number from 1/],
    ['tap taps --key wrong-key-of-sixteen-characters', EXIT.failed, /API key/],
    ['tap taps --url http://127.0.0.1:59999', EXIT.unavailable, /is unreachable \(ECONNREFUSED\)/],
  ])('%s is refused', async (args, code, error) => {
    expect(await run(args)).toMatchObject({ code, out: '', error: expect.stringMatching(error) });
  });
});
