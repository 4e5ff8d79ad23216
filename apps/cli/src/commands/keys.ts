import type { ApiKey, ApiKeyList, AtVersion, MadeApiKey } from '@millrace/admin-api';
import { part } from '../api/api.js';
import type { Context } from '../context.js';
import { confirm } from '../input/confirm.js';
import { spanOf, timeOf } from '../input/times.js';
import { type Line, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

/** `millrace keys …` */
export const addKeys: Group = (program, run) => {
  const keys = program.command('keys').description('API keys in Redis: make, rotate and revoke them');

  withExamples(
    keys.command('list').alias('ls').description('all keys, and what each may do').action(run(list)),
    'millrace keys list',
  );
  withExamples(
    keys
      .command('create')
      .description('make a key; its token is shown this once')
      .argument('<name>', 'whose it is')
      .requiredOption('--scopes <names>', 'of publish, read, operate and admin, separated by commas', names)
      .option('--sources <texts>', 'sources of events that it may publish, separated by commas; * is anything', names)
      .option('--types <texts>', 'the same of types', names)
      .option('--expires <when>', 'a time, or how long from now, as 90d')
      .option('--rate-limit <rate>', 'events that it may publish, as 1000/s')
      .action(run(create)),
    'millrace keys create shop --scopes publish --sources "/shop/*" --rate-limit 1000/s',
    'millrace keys create ci --scopes read,operate --expires 90d --json | jq -r .token',
  );
  withExamples(
    keys
      .command('rotate')
      .description('a new token of a key, shown this once; the one before goes on for a while')
      .argument('<name>', 'the key')
      .option('--grace <duration>', 'how long the one before goes on; 0s ends it at once', '24h')
      .action(run(rotate)),
    'millrace keys rotate shop',
    'millrace keys rotate shop --grace 0s',
  );
  withExamples(
    keys
      .command('revoke')
      .description('end a key, with all its tokens, within a second or two. It asks first')
      .argument('<name>', 'the key')
      .option('--yes', 'do not ask')
      .action(run(revoke)),
    'millrace keys revoke shop --yes',
  );
};

const names = (text: string): string[] => text.split(',').map((one) => one.trim());

const stateOf = ({ isExpired, oldUntil }: ApiKey): Line => {
  if (isExpired) return paint('red', 'expired');
  if (oldUntil !== undefined) return paint('yellow', `two tokens for ${spanOf(oldUntil - Date.now())}`);
  return paint('green', 'in force');
};

const list = async (context: Context): Promise<void> => {
  const answer = await context.api.get<ApiKeyList>('keys');
  const rows = answer.keys.map((one) => [
    ...[one.name, stateOf(one), one.scopes.join(','), one.sources?.join(',') ?? '*', one.types?.join(',') ?? '*'],
    ...[one.rateLimit ?? '-', one.expiresAt === undefined ? '-' : timeOf(one.expiresAt)],
    ...[timeOf(one.rotatedAt), one.createdBy || '-', one.id],
  ]);
  const header = ['key', 'state', 'scopes', 'sources', 'types', 'limit', 'expires', 'token of', 'made by', 'id'];
  context.table(answer, header, rows, 'no keys in Redis');
};

interface CreateOptions {
  readonly scopes: readonly string[];
  readonly sources?: readonly string[];
  readonly types?: readonly string[];
  readonly expires?: string;
  readonly rateLimit?: string;
}

const create = async (context: Context, name: string, options: CreateOptions): Promise<void> => {
  const answer = await context.api.post<MadeApiKey>('keys', { name, ...options });
  for (const warning of answer.warnings) context.note(warning);
  context.print(answer, () => answer.token);
};

const rotate = async (context: Context, name: string, { grace }: { grace: string }): Promise<void> => {
  const answer = await context.api.post<MadeApiKey>(`keys/${part(name)}/rotate`, { grace });
  for (const warning of answer.warnings) context.note(warning);
  context.print(answer, () => answer.token);
};

const revoke = async (context: Context, name: string, { yes = false }: { yes?: boolean }): Promise<void> => {
  if (!yes) await confirm(context, `Revoke the key ${name}? Whoever uses it is locked out.`);
  const answer = await context.api.delete<AtVersion>(`keys/${part(name)}`);
  context.print(answer, () => `${name} is revoked`);
};
