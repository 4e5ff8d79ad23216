import { existsSync, readdirSync } from 'node:fs';
import { pathOf, SERVICES, textOf, variablesOfService } from '../../repository.js';
import { PUBLISHED } from '../pages.js';

/** Where a command is written, and what those before it on the page have made of the world. */
export interface Surroundings {
  readonly page: string;
  /** Folders that its paths may be in: the root's, the page's, those of examples that the page is about. */
  readonly folders: readonly string[];
  /** Services: those that there are, and sinks that the page has made by `npm run new:sink`. */
  readonly services: Set<string>;
  /** Variables of the shell that the page has set. */
  readonly variables: Map<string, string>;
}

/** What a page begins with. */
export const surroundingsOf = (page: string): Surroundings => ({
  page,
  folders: [
    '.',
    page.slice(0, page.lastIndexOf('/') + 1) || '.',
    ...new Set([...textOf(page).matchAll(/\]\((?:\.\.\/)*(examples\/[\w-]+)\)/g)].map(([, path]) => path as string)),
  ],
  services: new Set(SERVICES),
  // What runbooks call the console.
  variables: new Map([['CONSOLE', 'http://127.0.0.1:8090']]),
});

/** Throws what is said where something is not so. */
export const demand = (isSo: boolean, otherwise: string): void => {
  if (!isSo) throw new Error(otherwise);
};

/** Throws where there is no such file or folder; of what is built, its source. */
export const demandPath = (path: string, { folders }: Surroundings): void => {
  const made = path.replace('/dist/', '/src/').replace(/^dist\/(src\/)?/, 'src/');
  const sources = [path, made, made.replace(/\.js$/, '.ts')];
  const there = folders.some((folder) => sources.some((one) => existsSync(pathOf(`${folder}/${one}`))));
  demand(there, `there is no ${path}`);
};

const sourcesBelow = (folder: string): string[] =>
  readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

/** Variables that somebody reads: services, compose files, the command line, tests, tools. */
const known = async (): Promise<ReadonlySet<string>> => {
  const ofServices = await Promise.all(SERVICES.map(variablesOfService));
  const texts = [
    ...['docker-compose.yml', 'deploy/redis/users.compose.yml', 'deploy/redis/users.mjs', '.env.example'],
    ...SERVICES.map((name) => `deploy/alone/${name}.compose.yml`),
    ...['deploy/helm/millrace/values.yaml', 'examples/sink-outside/src/main.ts', 'examples/own-service/src/main.ts'],
    ...['packages/testkit', 'apps/cli'].flatMap((path) => sourcesBelow(`${path}/src`)),
    'packages/testkit/skipped-reporter.mjs',
    // Constants that packages export look the same.
    ...PUBLISHED.map((path) => `${path}/src/index.ts`).filter((path) => existsSync(pathOf(path))),
  ].map(textOf);
  const inTexts = texts.flatMap((text) => text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []);
  return new Set([...ofServices.flatMap((one) => [...one]), ...inTexts]);
};
/** Of others: Node's, the terminal's; and a command of Redis that looks like one. */
const OF_OTHERS = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NO_COLOR|FCALL_RO)$/;
let variables: ReadonlySet<string> | undefined;

/** Throws where nobody reads a variable. */
export const demandVariable = async (name: string, { services }: Surroundings): Promise<void> => {
  variables ??= await known();
  const ofNewSink = [...services].some((service) => name.startsWith(`${service.replace(/^sink-/, '').toUpperCase()}_`));
  demand(variables.has(name) || ofNewSink || OF_OTHERS.test(name), `nobody reads ${name}`);
};
