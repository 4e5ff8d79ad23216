import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BaseConfig, variablesOf } from '@millrace/host';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);

/** The path of a file of the repository. */
export const pathOf = (path: string): string => fileURLToPath(new URL(path, root));

/** The text of a file of the repository. */
export const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** What a YAML file of the repository says, merge keys resolved. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into files of every shape
export const yamlOf = (path: string): any => parse(textOf(path), { merge: true });

const configFile = (service: string): URL => new URL(`apps/${service}/src/${service}-config.ts`, root);

/** The services: every app with a configuration of its own. */
export const SERVICES = readdirSync(new URL('apps/', root))
  .filter((app) => existsSync(configFile(app)))
  .sort();

/** The configuration class of a service. */
export const configOf = async (service: string): Promise<new () => BaseConfig> => {
  const name = `${service.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Config`;
  const exported = (await import(configFile(service).href)) as Record<string, new () => BaseConfig>;
  const type = exported[name];
  if (type === undefined) throw new Error(`apps/${service}/src/${service}-config.ts exports no ${name}`);
  return type;
};

/** The names of the variables that a service reads. */
export const variablesOfService = async (service: string): Promise<ReadonlySet<string>> =>
  new Set(variablesOf(await configOf(service)).keys());
