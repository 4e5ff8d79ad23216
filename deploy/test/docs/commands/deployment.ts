import { loadConfig } from '@millrace/host';
import { configOf, SERVICES, textOf, variablesOfService, yamlOf } from '../../repository.js';
import { demand, demandPath, demandVariable, type Surroundings } from './surroundings.js';

/** Values of an option, however often it is given. */
const valuesOf = (args: readonly string[], ...names: readonly string[]): string[] =>
  args.flatMap((word, n) => {
    const joined = names.find((name) => word.startsWith(`${name}=`));
    if (joined !== undefined) return [word.slice(joined.length + 1)];
    return names.includes(word) ? [args[n + 1] ?? ''] : [];
  });

const TAKES_VALUE = new Set(['-f', '--profile', '-p', '-n', '-e', '--set', '--build-arg', '-t']);
/** Words that are neither options nor their values. */
const plainOf = (args: readonly string[]): string[] =>
  args.filter((word, n) => !word.startsWith('-') && !TAKES_VALUE.has(args[n - 1] ?? ''));

/** `docker compose …`: files, profiles and services that there are; variables that the file asks for. */
const checkCompose = (args: readonly string[], variables: readonly string[], surroundings: Surroundings): void => {
  const { services } = surroundings;
  const [file = 'docker-compose.yml', ...more] = valuesOf(args, '-f');
  for (const path of [file, ...more]) demandPath(path, surroundings);
  const [text, { services: composed }] = [[file, ...more].map(textOf).join('\n'), yamlOf(file)];
  const profiles = Object.values<{ profiles?: string[] }>(composed).flatMap((one) => one.profiles ?? []);
  for (const profile of valuesOf(args, '--profile')) {
    demand(profiles.includes(profile) || services.has(profile), `${file} has no profile ${profile}`);
  }
  const [verb, ...names] = plainOf(args);
  const named = verb === 'exec' ? names.slice(0, 1) : names;
  for (const name of named) demand(name in composed || services.has(name), `${file} has no service ${name}`);
  const own = [...services].filter((name) => !SERVICES.includes(name)).map((name) => name.replace(/^sink-/, ''));
  for (const name of variables) {
    const isOfNewSink = own.some((one) => name.startsWith(`${one.toUpperCase()}_`));
    demand(text.includes(`\${${name}`) || isOfNewSink, `${file} does not ask for ${name}`);
  }
};

/** `docker …` */
export const checkDocker = async (
  [verb = '', ...args]: readonly string[],
  variables: readonly string[],
  surroundings: Surroundings,
): Promise<void> => {
  if (verb === 'compose') return checkCompose(args, variables, surroundings);
  for (const argument of valuesOf(args, '--build-arg')) {
    const name = argument.replace(/=.*/s, '');
    demand(textOf('Dockerfile').includes(`\nARG ${name}`), `the Dockerfile takes no ${name}`);
  }
  for (const variable of valuesOf(args, '-e')) await demandVariable(variable.replace(/=.*/s, ''), surroundings);
  if (verb !== 'run') return;
  const image = args.find((word) => /^[a-z]+\/[a-z-]+(:|$)/.test(word));
  demand(textOf('docker-compose.yml').includes(`image: ${image}\n`), `no compose file has the image ${image}`);
  const program = args.find((word) => word.startsWith('dist/'));
  if (program !== undefined) demandPath(`${image?.replace('millrace', 'apps')}/${program}`, surroundings);
};

const CHART = 'deploy/helm/millrace';
const values = yamlOf(`${CHART}/values.yaml`);
const schema = JSON.parse(textOf(`${CHART}/values.schema.json`));

/** Throws where the chart has no such value: `services.sink-postgres.replicas`. */
export const demandValue = (path: string, { services }: Surroundings): void => {
  const names = path.split('.');
  if (names[0] === 'services' && names[1] !== undefined && !SERVICES.includes(names[1])) {
    demand(services.has(names[1]), `the chart has no service ${names[1]}`);
    names[1] = 'sink-postgres';
  }
  // biome-ignore lint/suspicious/noExplicitAny: values of every shape
  let [value, known]: [any, any] = [values, schema];
  for (const name of names) {
    if (known?.$ref !== undefined) known = schema.definitions[known.$ref.replace('#/definitions/', '')];
    known = known?.properties?.[name] ?? known?.additionalProperties;
    value = value?.[name];
    demand(value !== undefined || (known !== undefined && known !== false), `the chart has no value ${path}`);
  }
};

/** `helm install` and `helm upgrade`. */
export const checkHelm = (args: readonly string[], surroundings: Surroundings): void => {
  const [verb = '', , chart = ''] = plainOf(args);
  demand(/^(install|upgrade|template)$/.test(verb), `helm ${verb} is not known here`);
  demandPath(`${chart}/Chart.yaml`, surroundings);
  for (const set of valuesOf(args, '--set')) demandValue(set.replace(/=.*/s, ''), surroundings);
};

/** `kubectl …`: what goes into a secret is what the chart takes from it. */
export const checkKubectl = (args: readonly string[]): void => {
  for (const literal of valuesOf(args, '--from-literal')) {
    const name = literal.replace(/=.*/s, '');
    demand(
      new RegExp(`key: ${name}\\b`).test(textOf(`${CHART}/values.yaml`)),
      `the chart takes no ${name} from a secret`,
    );
  }
};

/** Throws where services read a variable, and none of them takes this value. */
export const demandTaken = async (variable: string, value: string): Promise<void> => {
  const faults: string[] = [];
  for (const name of SERVICES) {
    if (!(await variablesOfService(name)).has(variable)) continue;
    try {
      loadConfig(await configOf(name), { [variable]: value });
      return;
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  demand(faults.length === 0, faults[0] ?? '');
};

/** `node apps/NAME/dist/main.js`: variables that this service reads, with values that it takes. */
export const checkService = async (name: string, variables: Readonly<Record<string, string>>): Promise<void> => {
  const known = await variablesOfService(name);
  for (const variable of Object.keys(variables)) demand(known.has(variable), `${name} does not read ${variable}`);
  loadConfig(await configOf(name), variables);
};
