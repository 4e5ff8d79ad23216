import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const GLOBALS = new URL('./jest-globals.mjs', import.meta.url).href;

/** Names of what modules export that specs put in the place of others, by the URL of these. */
const mocks = new Map();
const MOCK = '&mock';

export function initialize(specs) {
  specs?.on('message', ({ url, names }) => {
    mocks.set(url, names);
    specs.postMessage('known');
  });
}

const isTypeScript = (url) => /\.ts($|\?)/.test(url);

/** Whether the spec with this number has any. */
const hasMocks = (search) => [...mocks.keys()].some((url) => url.endsWith(search));

/**
 * Imports of TypeScript are of `.js`, as they are once it is compiled. Each spec has its own of what is in `test`; of what is in
 * `src` only where it puts something in the place of another.
 */
export async function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: GLOBALS, shortCircuit: true };
  const { parentURL = '' } = context;
  if (!specifier.startsWith('.') || !isTypeScript(parentURL)) return next(specifier, context);
  const found = new URL(specifier.replace(/\.js$/, '.ts'), parentURL);
  const isThere = await stat(found).then(
    (file) => file.isFile(),
    () => false,
  );
  if (!isThere) return next(specifier, context);
  const { search } = new URL(parentURL);
  if (!/\/src\//.test(found.pathname) || hasMocks(search)) found.search = search;
  const url = mocks.has(found.href) ? found.href + MOCK : found.href;
  return { url, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!isTypeScript(url)) return next(url, context);
  if (url.endsWith(MOCK)) {
    const of = url.slice(0, -MOCK.length);
    const module = `globalThis[Symbol.for('millrace.mocks')].get(${JSON.stringify(of)})`;
    return { format: 'module', source: `export const { ${mocks.get(of).join()} } = ${module};`, shortCircuit: true };
  }
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
