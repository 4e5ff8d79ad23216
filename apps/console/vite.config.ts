import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const TEXT = /\.(html|js|css|svg)$/;
/** Where `npm run dev` finds the admin API. */
const CONSOLE = 'http://127.0.0.1:8090';

/** A compressed copy beside each text, which the console sends to whoever takes it: nothing is compressed on the way. */
const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  writeBundle: ({ dir = '' }, bundle) => {
    for (const name of [...Object.keys(bundle), 'favicon.svg'].filter((one) => TEXT.test(one))) {
      const file = join(dir, name);
      const content = readFileSync(file);
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
      writeFileSync(`${file}.br`, brotliCompressSync(content, quality));
      writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    }
  },
});

/** The page of the console: built into `dist/web`, from where the console serves it. */
export default defineConfig({
  root: fileURLToPath(new URL('web', import.meta.url)),
  // Relative, so that the page works below any path.
  base: './',
  plugins: [precompress()],
  server: { proxy: { '/api': CONSOLE, '/docs': CONSOLE } },
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy takes files of our own, no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
