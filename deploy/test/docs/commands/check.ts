import { existsSync } from 'node:fs';
import { pathOf } from '../../repository.js';
import { checkDocker, checkHelm, checkKubectl, checkService } from './deployment.js';
import { checkCurl } from './http.js';
import { checkMillrace } from './millrace.js';
import { checkNpm, demandOptions, demandPathOrNew } from './npm.js';
import { checkRedisCli } from './redis.js';
import type { ShellCommand } from './shell.js';
import { demand, demandPath, demandVariable, type Surroundings } from './surroundings.js';

/** What every machine has; nothing of ours can make these wrong. */
const TOOLS = /^(cd|cp|cut|echo|jq|ls|mkdir|openssl|pass|printf|sha256sum|tr|zcat|redis-server|for)$/;

const withVariables = (word: string, variables: ReadonlyMap<string, string>): string =>
  word.replace(/\$\{?(\w+)\}?/g, (found, name) => variables.get(name) ?? found);

/** Checks the form of a command. Throws what is wrong with it. */
export const check = async ({ variables, words }: ShellCommand, surroundings: Surroundings): Promise<void> => {
  const [program = '', ...args] = words;
  const names = Object.keys(variables);
  if (program === 'docker') return checkDocker(args, names, surroundings);
  const service = /^apps\/([\w-]+)\/dist\/main\.js$/.exec(args[0] ?? '')?.[1];
  if (program === 'node' && service !== undefined && existsSync(pathOf(`apps/${service}`))) {
    return checkService(service, variables);
  }
  for (const name of names.filter((one) => /^[A-Z]/.test(one))) await demandVariable(name, surroundings);
  for (const [name, value] of Object.entries(variables)) surroundings.variables.set(name, value);
  await checkProgram(program, args, surroundings);
};

const checkProgram = async (program: string, args: readonly string[], surroundings: Surroundings): Promise<void> => {
  switch (program) {
    case '':
      return;
    case 'millrace':
      return checkMillrace(args);
    case 'npm':
      return checkNpm(args, surroundings);
    case 'npx':
      return checkNpx(args, surroundings);
    case 'node':
      return checkNode(args, surroundings);
    case 'curl':
      return checkCurl(args.map((word) => withVariables(word, surroundings.variables)));
    case 'redis-cli':
      return checkRedisCli(args);
    case 'helm':
      return checkHelm(args, surroundings);
    case 'kubectl':
      return checkKubectl(args);
    case 'source':
      return;
    case 'ln':
      return demandPath((args[1] as string).replace('$PWD/', ''), surroundings);
    case 'export':
      for (const word of args)
        await check({ variables: { [word.split('=')[0] as string]: '' }, words: [] }, surroundings);
      return;
    default:
      return demand(TOOLS.test(program), `${program} is not known here: say how to check it`);
  }
};

/** A program of the repository's own packages. */
const checkNpx = ([program = '', ...args]: readonly string[], surroundings: Surroundings): Promise<void> | void => {
  if (program === 'millrace') return checkMillrace(args);
  demand(existsSync(pathOf(`node_modules/.bin/${program}`)), `npx has no ${program} here`);
  const project = args.indexOf('-p');
  if (project >= 0) demandPath(args[project + 1] as string, surroundings);
};

/** A script of the repository; what is built of a sink that the page has made is not there yet. */
const checkNode = (given: readonly string[], surroundings: Surroundings): void => {
  const [path, ...args] = given.filter((word) => !word.startsWith('--env-file='));
  if (path === undefined) return;
  demandPathOrNew(path, surroundings);
  if (path.endsWith('.mjs')) demandOptions(path, args);
};
