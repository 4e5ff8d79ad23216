import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { withId } from '../../src/api/publisher.js';
import { EXIT } from '../../src/errors.js';
import { Pipeline } from '../pipeline.js';
import { RunningCli } from '../running-cli.js';

let cli: RunningCli;
let pipeline: Pipeline;
let folder: string;

beforeAll(async () => {
  cli = await RunningCli.start('gateway');
  pipeline = new Pipeline(cli.redis.url);
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
});
afterAll(async () => {
  await pipeline?.close();
  await cli?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => cli.redisCommand('DEL', 'mr:{p0}:in'));

const run = (args: string | readonly string[], ...more: readonly [Parameters<RunningCli['run']>[1]?]) =>
  cli.run(args, ...more);
const stored = async (): Promise<string[]> =>
  (await pipeline.transport.reader.range({ name: 'in', partition: 0 }, '-', '+', 10_000)).map(
    ({ event }) => event.json,
  );
const lineOf = (id: string): string => `{"specversion":"1.0","id":"${id}","source":"/s","type":"t"}`;

describe('millrace publish', () => {
  it('publishes one event of options', async () => {
    const data = '{"amount":1200,"long":12345678901234567890}';
    const args = ['publish', '--type', 'order.paid', '--data', data, '--subject', 'customer-7', '--id', 'one'];
    expect(await run(args)).toEqual({ code: EXIT.done, out: '1 accepted, 0 duplicates, 0 rejected', error: '' });
    expect((await run(args)).out).toBe('0 accepted, 1 duplicates, 0 rejected');
    const [event] = (await stored()).map((json) => JSON.parse(json));
    expect(event).toMatchObject({
      id: 'one',
      source: '/millrace/cli',
      type: 'order.paid',
      subject: 'customer-7',
      data: { amount: 1200 },
    });
    await writeFile(join(folder, 'data.json'), '[1]');
    await run(`publish --type a --source /b --data @${join(folder, 'data.json')}`);
    expect(JSON.parse((await stored())[1] ?? '')).toMatchObject({ type: 'a', source: '/b', data: [1] });
  });

  it('publishes NDJSON of any length as it is written', async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => lineOf(`line-${n}`));
    await writeFile(join(folder, 'events.ndjson'), lines.join('\n'));
    expect((await run(`publish ${join(folder, 'events.ndjson')}`)).out).toBe('2500 accepted, 0 duplicates, 0 rejected');
    const all = await stored();
    expect(all).toHaveLength(2500);
    expect(new Set(all.map((json) => JSON.parse(json).id)).size).toBe(2500);
    expect(await cli.json(`publish ${join(folder, 'events.ndjson')}`)).toEqual({
      accepted: 0,
      duplicates: 2500,
      rejected: 0,
      rejections: [],
    });
  });

  it('tells which events were rejected, by line', async () => {
    const input = [lineOf('r1'), '', '{"specversion":"1.0","id":"r2","source":"/s"}', 'no json', lineOf('r3')].join(
      '\n',
    );
    const { code, out, error } = await run('publish -', { input });
    expect({ code, error }).toEqual({ code: EXIT.failed, error: '2 of 4 events were rejected' });
    expect(out).toMatch(/^2 accepted, 0 duplicates, 2 rejected\nat +id +why\n +3 +\S+ +.*type.*\n +4 +- +.*JSON/);
    const all = await run('publish -', { input: '{"specversion":"1.0","id":"r2","source":"/s"}\n{}' });
    expect(all).toMatchObject({ code: EXIT.failed, error: '2 of 2 events were rejected' });
  });

  it('publishes a document: one event over several lines, or a list', async () => {
    const one = JSON.stringify(JSON.parse(lineOf('d1')), null, 2);
    expect((await run('publish -', { input: one })).out).toBe('1 accepted, 0 duplicates, 0 rejected');
    const list = `[${lineOf('d2')},${lineOf('d3')}]`;
    expect((await run('publish -', { input: list })).out).toBe('2 accepted, 0 duplicates, 0 rejected');
    const mixed = await cli.json('publish -', { input: `[${lineOf('d4')},{"type":5}]` });
    expect(mixed).toMatchObject({ accepted: 1, rejected: 1, rejections: [{ at: 2 }] });
  });

  it('gives events an id where they have none, and changes nothing else', () => {
    expect(withId(lineOf('x'))).toBe(lineOf('x'));
    expect(withId(' { "type": "t", "data": 12345678901234567890 }')).toMatch(
      /^\{"id":"[0-9a-f-]{36}","type": "t", "data": 12345678901234567890 \}$/,
    );
    expect(JSON.parse(withId('{}'))).toEqual({ id: expect.any(String) });
    expect(withId('no json')).toBe('no json');
  });

  it.each([
    [['publish'], '', EXIT.usage, /give a file, - for standard input, or --type/],
    [['publish', '-', '--type', 'a'], '', EXIT.usage, /--type is for one event/],
    [['publish', '-'], '', EXIT.failed, /standard input holds no events/],
    [['publish', '-'], Buffer.from([0x7b, 0xff, 0x7d]), EXIT.failed, /standard input is not UTF-8/],
    [['publish', 'nowhere.ndjson'], '', EXIT.usage, /nowhere.ndjson: cannot be read: ENOENT/],
    [['publish', '--type', 'a', '--data', '{'], '', EXIT.usage, /--data: not JSON/],
    [['publish', '-', '--format', 'xml'], '', EXIT.usage, /Allowed choices are ndjson, json/],
    [['publish', '-', '--format', 'json'], '[', EXIT.failed, /JSON/],
  ] as const)('%j is refused', async (args, input, code, error) => {
    expect(await run(args, { input })).toMatchObject({ code, error: expect.stringMatching(error) });
  });
});

describe('millrace publish to a pipeline that is full', () => {
  let server: Server;
  let answers: ((lines: string[]) => [status: number, body: object])[];
  let seen: string[][];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const lines = (await textOf(request)).split('\n');
      seen.push(lines);
      const [status, body] = (answers.shift() ?? taken)(lines);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    seen = [];
    answers = [];
  });

  const taken = (lines: string[]): [number, object] => [
    202,
    { results: lines.map((_, index) => ({ index, status: 'accepted' })) },
  ];
  const full = (): [number, object] => [429, { detail: 'the router is behind', retryable: true }];
  const half = (lines: string[]): [number, object] => [
    202,
    {
      results: lines.map((_, index) =>
        index === 0 ? { index, status: 'accepted' } : { index, status: 'rejected', error: { retryable: true } },
      ),
    },
  ];
  const publish = (more = '') => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return run(`publish - --url ${url}${more}`, { input: ['{"type":"a"}', '{"type":"b"}', '{"type":"c"}'].join('\n') });
  };

  it('comes again with what was not taken, under the same ids', async () => {
    answers = [full, half];
    expect(await publish()).toEqual({
      code: EXIT.done,
      out: '3 accepted, 0 duplicates, 0 rejected',
      error: 'waiting: the router is behind\nwaiting: 2 events are to be retried',
    });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[1]?.slice(1));
  });

  it('comes again with what was not read, whether listed or not', async () => {
    const first = { index: 0, status: 'accepted' };
    const error = { retryable: true, detail: 'at its limit' };
    answers = [
      () => [
        202,
        { accepted: 1, duplicates: 0, rejected: 2, results: [first], unlisted: 2, refused: { from: 1, error } },
      ],
    ];
    expect(await publish()).toMatchObject({ code: EXIT.done, out: '3 accepted, 0 duplicates, 0 rejected' });
    expect(seen[1]).toEqual(seen[0]?.slice(1));
  });

  it('counts what is rejected and not listed', async () => {
    const rejected = { index: 0, status: 'rejected', error: { detail: 'bad' } };
    answers = [() => [422, { detail: 'bad', results: [rejected], unlisted: 2 }]];
    expect(await publish()).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/3 of 3 events were rejected/),
    });
  });

  it('gives up when its patience ends, and says so', async () => {
    answers = [full];
    expect(await publish(' --patience 0')).toMatchObject({ code: EXIT.failed, error: 'the router is behind' });
    answers = [half];
    expect(await publish(' --patience 0')).toMatchObject({
      code: EXIT.failed,
      error: '2 of 3 events were rejected',
    });
  });
});
