import type * as Api from '@millrace/admin-api';
import { part } from '../api/api.js';
import { pagesOf, wholeOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { confirm } from '../input/confirm.js';
import { whole, withLimit } from '../input/options.js';
import { agoOf, timeOf } from '../input/times.js';
import { jsonOf, type Line, linesOf, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';
import { addPut } from './webhooks-put.js';

export const addWebhooks: Group = (program, run) => {
  const webhooks = program.command('webhooks').description('list and change endpoints of the webhook sink');
  const one = (name: string, description: string) =>
    webhooks.command(name).description(description).argument('<name>', 'the endpoint');

  withExamples(
    webhooks.command('ls').description('all endpoints and their status').action(run(list)),
    'millrace webhooks ls',
  );
  withExamples(one('get', 'show an endpoint; secrets are masked').action(run(get)), 'millrace webhooks get billing');
  addPut(webhooks, run);
  withExamples(
    one('rm', 'delete an endpoint, after confirmation; its queue is kept')
      .option('--yes', 'skip the confirmation')
      .option('--version <n>', 'fail unless the endpoints are at this version', whole)
      .action(run(remove)),
    'millrace webhooks rm billing --yes',
  );
  withExamples(
    one('on', 'enable an endpoint and retry everything queued for it now').action(run(on)),
    'millrace webhooks on billing',
  );
  withExamples(one('off', 'disable an endpoint; its queue is kept').action(run(off)), 'millrace webhooks off billing');
  withExamples(
    one('rotate', 'rotate the secret, shown once; the previous one stays valid until the next rotation').action(
      run(rotate),
    ),
    'millrace webhooks rotate billing',
    'millrace webhooks rotate billing --json | jq -r .secret',
  );
  const attempts = one('attempts', 'delivery attempts, newest first');
  withLimit(attempts).action(run(listAttempts));
  withExamples(attempts, 'millrace webhooks attempts billing --limit 10');
  withExamples(one('test', 'send a test event').action(run(test)), 'millrace webhooks test billing');
  withExamples(
    one('resend', 'resend a retained event with the same webhook-id')
      .argument('<topic>', 'topic of the event, or "in"')
      .argument('<stream-id>', 'stream id of the event')
      .option('--partition <n>', 'of the topic', whole, 0)
      .option('--unfiltered', 'ignore the topics and pattern of the endpoint')
      .action(run(resend)),
    'millrace webhooks resend billing orders 1795230491115-0',
  );
};

const endpointStatus = ({ state, endpoint, warnings }: Api.EndpointView): Line => {
  if (state.offAt !== undefined) return paint('red', `disabled: ${state.offReason ?? 'unknown reason'}`);
  if (endpoint?.['enabled'] === false) return paint('yellow', 'disabled in config');
  if (state.openUntil !== undefined && state.openUntil > Date.now()) {
    return paint('yellow', `retries paused until ${timeOf(state.openUntil)}`);
  }
  if (state.failingSince !== undefined) return paint('yellow', `failing for ${agoOf(state.failingSince)}`);
  if (warnings.length > 0) return paint('red', 'has warnings');
  return paint('green', 'healthy');
};

const list = async (context: Context): Promise<void> => {
  const answer = await wholeOf<Api.EndpointList>(context, 'webhooks');
  const rows = answer.endpoints.map((one) => [
    ...[one.name, endpointStatus(one), one.waiting, one.deadLetters],
    one.endpoint === null ? 'in the file of a sink' : String(one.endpoint['url']),
    [...one.warnings, one.state.failure ?? []].flat().join('; '),
  ]);
  context.table(answer, ['endpoint', 'state', 'waiting', 'dead', 'url', 'problem'], rows, 'no endpoints');
};

const get = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.get<Api.EndpointView>(`webhooks/${part(name)}`);
  context.print(answer, () => linesOf(jsonOf(answer, 2)));
};

const remove = async (
  context: Context,
  name: string,
  { yes = false, version }: { yes?: boolean; version?: number },
): Promise<void> => {
  if (!yes) await confirm(context, `Delete the endpoint ${name}?`);
  const answer = await context.api.delete<Api.AtVersion>(`webhooks/${part(name)}`, { version });
  context.print(answer, () => `${name} is deleted, version ${answer.version}`);
};

const on = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.post<Api.EnabledEndpoint>(`webhooks/${part(name)}/on`);
  const { wasOff, rescheduled, waiting } = answer;
  context.print(answer, () => {
    const done = wasOff ? `${name} is enabled` : `${name} was enabled already`;
    return `${done}; retrying now: ${waiting} queued, ${rescheduled} of them were scheduled for later`;
  });
};

const off = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.post<Api.DisabledEndpoint>(`webhooks/${part(name)}/off`);
  const done = answer.wasOff ? 'was disabled already' : 'is disabled';
  context.print({ off: name, ...answer }, () => `${name} ${done}; its queue is kept`);
};

const rotate = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.post<Api.RotatedEndpoint>(`webhooks/${part(name)}/rotate`);
  context.print(answer, () => answer.secret);
};

const listAttempts = async (context: Context, name: string, { limit }: { limit: number }): Promise<void> => {
  const path = `webhooks/${part(name)}/attempts`;
  const { all } = await pagesOf<Api.EndpointAttempt>(context, path, 'attempts', {}, limit);
  const rows = all.map((one) => [
    ...[timeOf(one.at), one.failure === undefined ? paint('green', 'done') : paint('red', 'failed'), one.attempt],
    ...[one.status ?? '-', `${one.ms} ms`, one.type, one.source, one.id, one.failure ?? ''],
  ]);
  const header = ['when', 'outcome', 'attempt', 'status', 'took', 'type', 'source', 'id', 'failure'];
  context.table({ attempts: all }, header, rows, 'no delivery attempts yet');
};

const warn = (context: Context, { warnings }: Api.Resent): void => {
  for (const warning of warnings) context.note(`warning: ${warning}`);
};

const test = async (context: Context, name: string): Promise<void> => {
  const answer = await context.api.post<Api.TestEvent>(`webhooks/${part(name)}/test`);
  warn(context, answer);
  context.print(answer, () => `event ${answer.id} is on its way to ${name}: millrace webhooks attempts ${name}`);
};

const resend = async (
  context: Context,
  name: string,
  topic: string,
  position: string,
  { partition, unfiltered = false }: { partition: number; unfiltered?: boolean },
): Promise<void> => {
  const stream = topic === 'in' ? 'in' : `topic:${topic}`;
  const body = { stream, position, partition, ...(unfiltered ? { unfiltered } : {}) };
  warn(context, await context.api.post<Api.Resent>(`webhooks/${part(name)}/resend`, body));
  context.print({ resent: position }, () => `${position} of ${topic} is on its way to ${name} again`);
};
