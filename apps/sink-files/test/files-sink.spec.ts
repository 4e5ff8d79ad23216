import {
  appendFile,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
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

/** Makes the next call of that method of any open file fail: disks are not full when one wants it. */
const failNext = async (method: 'sync' | 'datasync' | 'truncate', code: string): Promise<void> => {
  const handle = await open(folder, 'r');
  const type = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const real = type[method];
  type[method] = async () => {
    type[method] = real;
    throw Object.assign(new Error(code), { code });
  };
};

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

/** Ids in all files of a topic, sorted. */
const everyId = async (topic = 'orders'): Promise<string[]> => {
  const texts = (await names(topic)).map(async (name) => {
    const bytes = await readFile(join(folder, topic, name));
    return ids((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  });
  return (await Promise.all(texts)).flat().sort();
};

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

  it('writes nothing twice where only one of its topics can be written', async () => {
    await start();
    await writeFile(join(folder, 'users'), 'a file where the folder has to be');
    const batch = [event('1'), event('2', 'users')];
    await expect(sink.write(batch)).rejects.toThrow(/^users: .*EEXIST|ENOTDIR/);
    await expect(sink.write(batch)).rejects.toThrow(Unavailable);
    await rm(join(folder, 'users'));
    await sink.write(batch);
    expect(await everyId()).toEqual(['1']);
    expect(await everyId('users')).toEqual(['2']);
  });

  it('leaves no half of a line where the disk was full, not even if it cannot be taken back at once', async () => {
    await start();
    await sink.write([event('1')]);
    await failNext('datasync', 'ENOSPC');
    await failNext('truncate', 'EIO');
    await expect(sink.write([event('2')])).rejects.toThrow('orders: ENOSPC');
    await sink.write([event('3')]);
    expect(await everyId()).toEqual(['1', '3']);
    await failNext('datasync', 'ENOSPC');
    await failNext('truncate', 'EIO');
    await expect(sink.write([event('4')])).rejects.toThrow(Unavailable);
    await sink.onApplicationShutdown();
    expect(await everyId()).toEqual(['1', '3']);
  });

  it('does not call an event safe before the name of its file is on the disk', async () => {
    await start();
    await failNext('sync', 'EIO');
    await expect(sink.write([event('1')])).rejects.toThrow('orders: EIO');
    await sink.write([event('1')]);
  });

  it('writes nothing twice where a file cannot be finished, and finishes it when it can', async () => {
    await start({ ROTATE_BYTES: 1024, COMPRESS: 'gzip' });
    await sink.write([event('1')]);
    const [open] = await names();
    const blocked = join(folder, 'orders', `.${open?.slice(0, -'.part'.length)}.gz`);
    await mkdir(blocked);
    await sink.write([event('2', 'orders', 'y'.repeat(2000))]);
    await sink.write([event('3')]);
    await rmdir(blocked);
    const isFinished = (left: string[]) => left.length === 2 && left.some((name) => /^[^.].*\.gz$/.test(name));
    await waitFor(async () => isFinished(await names()), { what: 'the file to be finished' });
    expect(await everyId()).toEqual(['1', '2', '3']);
  });

  it('leaves nothing of a file that could not be compressed', async () => {
    await start({ COMPRESS: 'gzip' });
    await sink.write([event('1')]);
    const [open] = await names();
    // The finished one cannot have its name.
    await mkdir(join(folder, 'orders', `${open?.slice(0, -'.part'.length)}.gz`));
    await sink.onApplicationShutdown();
    expect((await names()).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('writes again what went to a file that somebody removed', async () => {
    await start();
    await sink.write([event('1')]);
    await rm(join(folder, 'orders'), { recursive: true });
    const batch = [event('2')];
    await expect(sink.write(batch)).rejects.toThrow(/orders-.*\.part was removed.*FILE_OWNER/);
    await sink.write(batch);
    expect(await everyId()).toEqual(['2']);
  });

  it('loses nothing where another process of the same owner takes its file for one that was left', async () => {
    await start({ COMPRESS: 'gzip' });
    await sink.write([event('1')]);
    // As from another container, into which one cannot see.
    const other = new FilesSink(Object.assign(new SinkFilesConfig(), { DIRECTORY: folder, COMPRESS: 'gzip' }), log);
    await other.onApplicationBootstrap();
    await other.onApplicationShutdown();
    const batch = [event('2')];
    await expect(sink.write(batch)).rejects.toThrow(Unavailable);
    await sink.write(batch);
    await sink.onApplicationShutdown();
    expect(await everyId()).toEqual(['1', '2']);
  });

  it('finishes what was left although something else cannot be', async () => {
    const nameOf = (topic: string, end: string) => `${topic}-2026-${hostname()}-${process.pid}-0.ndjson${end}`;
    await mkdir(join(folder, 'a', nameOf('a', '.part')), { recursive: true });
    for (const topic of ['b', 'c']) await mkdir(join(folder, topic));
    await writeFile(join(folder, 'b', nameOf('b', '.part')), '{"id":"1"}\n');
    // Taken by a process that died before it had finished it.
    await writeFile(join(folder, 'c', nameOf('c', '.left.part')), '{"id":"2"}\n');
    await start();
    expect(await names('b')).toEqual([nameOf('b', '')]);
    expect(await names('c')).toEqual([nameOf('c', '')]);
  });
});
