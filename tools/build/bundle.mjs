/**
 * Bundles the service in whose folder it runs: its programs, `src/main.ts` or those named as arguments, and all that they depend
 * on become a few files in `dist`, so that a start reads them in place of 1,500, and an image needs no node_modules. A file
 * that runs as a process of its own is found by its `new URL('./NAME.js', import.meta.url)`. `dist/licences.txt` has the
 * licences of what was bundled.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const CHILD = /new URL\(['"]\.\/([\w-]+)\.js['"], import\.meta\.url\)/g;
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE = /^(licen[cs]e|notice|copying)/i;

const children = {
  name: 'children',
  transform: {
    filter: { code: CHILD },
    async handler(code, id) {
      for (const [, name] of code.matchAll(CHILD)) {
        const child = await this.resolve(`./${name}.js`, id);
        this.emitFile({ type: 'chunk', id: child.id, fileName: `${name}.js` });
      }
    },
  },
};

const licences = {
  name: 'licences',
  generateBundle(_, files) {
    const modules = Object.values(files).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    const packages = new Set(modules.flatMap((id) => PACKAGE.exec(id.replaceAll('\\', '/'))?.[0] ?? []));
    const texts = [...packages].sort().map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const own = readdirSync(folder).filter((file) => LICENCE.test(file));
      return [`${name} ${version} (${license})`, ...own.map((file) => readFileSync(join(folder, file), 'utf8'))].join(
        '\n\n',
      );
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n\n${'-'.repeat(80)}\n\n`) });
  },
};

for (const file of existsSync('dist') ? readdirSync('dist') : []) {
  if (/\.(js|map)$/.test(file)) rmSync(join('dist', file));
}
const programs = process.argv.length > 2 ? process.argv.slice(2) : ['main'];
const bundle = await rolldown({
  input: Object.fromEntries(programs.map((name) => [name, `src/${name}.ts`])),
  platform: 'node',
  tsconfig: 'tsconfig.json',
  // Nothing is left out: a call that is made for what it may throw counts as one without effect.
  treeshake: false,
  transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  plugins: [children, licences],
  // Optional packages of NestJS and others, which are not installed, stay as they are.
  onLog: (level, log, report) => {
    if (log.code !== 'UNRESOLVED_IMPORT' || !/node_modules/.test(log.message)) report(level, log);
  },
});
await bundle.write({ dir: 'dist', minify: false, chunkFileNames: '[name]-[hash].js' });
