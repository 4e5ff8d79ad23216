import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describeSink } from '@millrace/sink/testing';

const linesOf = async (path: string): Promise<string[]> => {
  const bytes = await readFile(path);
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text.split('\n').slice(0, -1);
};

describeSink('sink-files', {
  program: new URL('../dist/main.js', import.meta.url),
  group: 'sink-files',
  isLocal: true,
  delivers: 'at least once',
  startTarget: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-files-'));
    return {
      env: () => ({ DIRECTORY: folder, ROTATE_BYTES: '20000', COMPRESS: 'gzip' }),
      arrived: async (topic) => {
        const names = await readdir(join(folder, topic)).catch(() => []);
        const shown = names.filter((name) => !name.startsWith('.'));
        const lines = await Promise.all(shown.map((name) => linesOf(join(folder, topic, name)).catch(() => [])));
        return lines.flat().map((line) => (JSON.parse(line) as { id: string }).id);
      },
      stop: () => rm(folder, { recursive: true }),
    };
  },
});
