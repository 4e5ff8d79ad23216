import type { ApiKey, ApiKeyList, AtVersion, MadeApiKey } from '@millrace/admin-api';
import { part } from '../api/api.js';
import { wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { confirm } from '../input/confirm.js';
import { spanOf, timeOf } from '../input/times.js';
import { type Line, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addKeys: Group = (program, run) => {
  const keys = program.command('keys').description('create, rotate and revoke API keys in Redis');

  withExamples(
    keys.command('list').alias('ls').description('list keys and their scopes').action(run(list)),
    'millrace keys list',
  );
  withExamples(
    keys
      .command('create')
      .description('create a key; the token is shown once')
      .argument('<name>', 'name of the key')
      .requiredOption('--scopes <names>', 'comma-separated: publish, read, operate, admin', names)
      .option('--sources <texts>', 'comma-separated event sources it may publish; * matches anything', names)
      .option('--types <texts>', 'comma-separated event types it may publish; * matches anything', names)
      .option('--expires <when>', 'expiry: a time, or a duration such as 90d')
      .option('--rate-limit <rate>', 'publish rate limit, such as 1000/s')
      .action(run(create)),
    'millrace keys create shop --scopes publish --sources "/shop/*" --rate-limit 1000/s',
    'millrace keys create ci --scopes read,operate --expires 90d --json | jq -r .token',
  );
  withExamples(
    keys
      .command('rotate')
      .description('rotate a key: new token, shown once; the old one stays valid for --grace')
      .argument('<name>', 'the key')
      .option('--grace <duration>', 'how long the old token stays valid; 0s revokes it at once', '24h')
      .action(run(rotate)),
    'millrace keys rotate shop',
    'millrace keys rotate shop --grace 0s',
  );
  withExamples(
    keys
      .command('revoke')
      .description('revoke a key and all its tokens within seconds, after confirmation')
      .argument('<name>', 'the key')
      .option('--yes', 'skip the confirmation')
      .action(run(revoke)),
    'millrace keys revoke shop --yes',
  );
};

const names = (text: string): string[] => text.split(',').map((one) => one.trim());

const keyStatus = ({ isExpired, oldUntil }: ApiKey): Line => {
  if (isExpired) return paint('red', 'expired');
  if (oldUntil !== undefined) return paint('yellow', `two tokens for ${spanOf(oldUntil - Date.now())}`);
  return paint('green', 'valid');
};

const list = async (context: Context): Promise<void> => {
  const answer = await wholeOf<ApiKeyList>(context, 'keys');
  const rows = answer.keys.map((one) => [
    ...[one.name, keyStatus(one), one.scopes.join(','), one.sources?.join(',') ?? '*', one.types?.join(',') ?? '*'],
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
  if (!yes) await confirm(context, `Revoke the key ${name}? Clients that use it lose access.`);
  const answer = await context.api.delete<AtVersion>(`keys/${part(name)}`);
  context.print(answer, () => `${name} is revoked`);
};
