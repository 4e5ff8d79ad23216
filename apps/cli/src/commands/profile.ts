import { text as textOf } from 'node:stream/consumers';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { paint } from '../output/text.js';
import { type Profile, ProfileFile } from '../profiles.js';
import { type Group, withExamples } from './command.js';

export const addProfile: Group = (program, run) => {
  const profile = program.command('profile').description('named consoles and their keys');
  withExamples(
    profile.command('ls').description('list profiles, without keys').action(run(list)),
    'millrace profile ls',
  );
  withExamples(
    profile
      .command('set')
      .description('save the --url and a key, which is prompted for')
      .argument('<name>')
      .option('--key-stdin', 'read the key from standard input')
      .option('--without-key', 'save no key')
      .action(run(set)),
    'millrace profile set prod --url https://millrace.example.com',
    'pass show millrace | millrace profile set prod --url https://millrace.example.com --key-stdin',
  );
  withExamples(
    profile.command('rm').description('delete a profile').argument('<name>').action(run(remove)),
    'millrace profile rm prod',
  );
  withExamples(
    profile
      .command('use')
      .description('use a profile wherever none is named')
      .argument('[name]', 'none: no profile any more')
      .action(run(use)),
    'millrace profile use prod',
    'millrace profile use',
  );
};

const list = async (context: Context): Promise<void> => {
  const { current, profiles } = await new ProfileFile(context.io.variable).all();
  const shown = Object.entries(profiles).map(([name, { url, key }]) => ({
    name,
    url: url ?? null,
    hasKey: key !== undefined,
    isCurrent: name === current,
  }));
  const rows = shown.map(({ name, url, hasKey, isCurrent }) => [
    ...[isCurrent ? paint('green', name) : name, url ?? '-', hasKey ? 'yes' : 'no', isCurrent ? 'in use' : ''],
  ]);
  context.table({ profiles: shown }, ['profile', 'url', 'key', ''], rows, 'no profiles');
};

interface SetOptions {
  readonly keyStdin?: boolean;
  readonly withoutKey?: boolean;
}

const set = async (context: Context, name: string, options: SetOptions): Promise<void> => {
  const file = new ProfileFile(context.io.variable);
  const { profiles } = await file.all();
  const before = Object.hasOwn(profiles, name) ? (profiles[name] as Profile) : {};
  const url = context.given.url ?? before.url;
  if (url === undefined) throw new UsageError(`where is ${name}? Give its address with --url`);
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw new UsageError(`--url must be a URL such as http://127.0.0.1:8090, got "${url}"`);
  }
  const key = await keyOf(context, name, options, before.url === url ? before.key : undefined);
  await file.set(name, { url, ...(key === undefined ? {} : { key }) });
  const told = { profile: name, url, hasKey: key !== undefined };
  context.print(
    told,
    () => `${name} is ${url}, ${key === undefined ? 'without a key' : 'with a key'}, in ${file.path}`,
  );
};

/** The key for it: another address does not get the key of the one before. */
const keyOf = async (
  context: Context,
  name: string,
  { keyStdin = false, withoutKey = false }: SetOptions,
  before: string | undefined,
): Promise<string | undefined> => {
  const { given, io } = context;
  if ([keyStdin, withoutKey, given.key !== undefined].filter(Boolean).length > 1) {
    throw new UsageError('give only one of --key, --key-stdin and --without-key');
  }
  if (withoutKey) return undefined;
  if (given.key !== undefined) return given.key;
  if (keyStdin) {
    const key = (await textOf(io.input())).trim();
    if (key === '') throw new UsageError('standard input holds no key');
    return key;
  }
  if (io.ask === undefined) return before;
  const hint = before === undefined ? 'none' : 'as before';
  const typed = await io.ask(`API key of ${name} (nothing: ${hint}): `, { isHidden: true });
  return typed.trim() || before;
};

const remove = async (context: Context, name: string): Promise<void> => {
  await new ProfileFile(context.io.variable).remove(name);
  context.print({ removed: name }, () => `${name} deleted`);
};

const use = async (context: Context, name: string | undefined): Promise<void> => {
  await new ProfileFile(context.io.variable).use(name);
  context.print({ current: name ?? null }, () => (name === undefined ? 'no profile is in use' : `${name} is in use`));
};
