import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createLogger } from '@millrace/host';
import { sinkEventOf } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { waitFor } from '@millrace/testkit';
import { FilesSink } from '../src/files-sink.js';
import { SinkFilesConfig } from '../src/sink-files-config.js';

const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
let folder: string;
let sink: FilesSink;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-files-'));
});
afterEach(async () => {
  await sink.onApplicationShutdown();
  await rm(folder, { recursive: true, force: true });
});

const start = async (options: Partial<SinkFilesConfig> = {}): Promise<void> => {
  sink = new FilesSink(Object.assign(new SinkFilesConfig(), { DIRECTORY: folder, ...options }), log);
  await sink.onApplicationBootstrap();
};
const event = (id: string, topic = 'orders', text = 'x') => {
  const json = `{"specversion":"1.0","id":"${id}","source":"/s","type":"t",\n"data":"${text}"}`;
  return sinkEventOf({
    event: { type: 't', json },
    attempt: 1,
    position: '1-0',
    stream: `topic:${topic}`,
    partition: 0,
  });
};
const names = (topic = 'orders') => readdir(join(folder, topic));
const ids = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: string }).id);

describe('FilesSink', () => {
  it('writes a line for each event to a file that is open, and gives it its name when it stops', async () => {
    await start();
    await sink.write([event('1'), event('2'), event('3', 'users')]);
    const [open] = await names();
    expect(open).toMatch(/^orders-\d{4}-\d\d-\d\dT\d{6}_\d{3}Z-.*\.ndjson\.part$/);
    expect(ids(await readFile(join(folder, 'orders', open as string), 'utf8'))).toEqual(['1', '2']);
    await sink.onApplicationShutdown();
    expect(await names()).toEqual([open?.slice(0, -'.part'.length)]);
    expect(await names('users')).toHaveLength(1);
  });

  it('begins another file where one is large enough, compressed if that was asked for', async () => {
    await start({ ROTATE_BYTES: 1024, COMPRESS: 'gzip' });
    for (let n = 0; n < 5; n += 1) await sink.write([event(`${n}`, 'orders', 'y'.repeat(600))]);
    const [first, second, ...rest] = (await names()).sort();
    expect(rest).toEqual([expect.stringMatching(/\.part$/)]);
    expect([first, second]).toEqual([expect.stringMatching(/\.ndjson\.gz$/), expect.stringMatching(/\.ndjson\.gz$/)]);
    expect(ids(gunzipSync(await readFile(join(folder, 'orders', first as string))).toString())).toEqual(['0', '1']);
  });

  it('finishes a file that is old enough', async () => {
    await start({ ROTATE_AFTER: 50 });
    await sink.write([event('1')]);
    await waitFor(async () => (await names()).some((name) => name.endsWith('.ndjson')), {
      what: 'the file to be finished',
    });
  });

  it('finishes what an earlier process left, without the line that it did not finish', async () => {
    await mkdir(join(folder, 'orders'));
    const left = join(folder, 'orders', `orders-2026-${hostname()}-${process.pid}-0.ndjson.part`);
    await writeFile(left, `{"id":"1"}\n{"id":"2"}\n`);
    await appendFile(left, '{"id":"3","da');
    const others = join(folder, 'orders', 'orders-2026-elsewhere-1-0.ndjson.part');
    await writeFile(others, '{"id":"9"}\n');
    await start();
    expect(await readFile(left.slice(0, -'.part'.length), 'utf8')).toBe('{"id":"1"}\n{"id":"2"}\n');
    expect(await readFile(others, 'utf8')).toBe('{"id":"9"}\n');
  });

  it('blames no event for a folder that cannot be written to', async () => {
    await start();
    await writeFile(join(folder, 'orders'), 'a file where the folder has to be');
    await expect(sink.write([event('1')])).rejects.toThrow(Unavailable);
    await rm(join(folder, 'orders'));
    await sink.write([event('1')]);
    expect(await names()).toHaveLength(1);
  });
});
