import type { Command } from 'commander';
import { part } from '../api.js';
import type { Context } from '../context.js';
import { Failure, UsageError } from '../errors.js';
import { pattern, whole } from '../options.js';
import { type Run, withExamples } from './command.js';

/** `millrace webhooks put` */
export const addPut = (webhooks: Command, run: Run): void => {
  const command = webhooks
    .command('put')
    .description('put an endpoint in force: of a file, or of options')
    .argument('<name>', 'the endpoint')
    .argument(
      '[file]',
      'YAML or JSON: url, secret, topics, pattern, format, headers, timeout, rate; - is standard input',
    )
    .option('--to <url>', 'where it is')
    .option('--topics <names>', 'the topics that it gets, separated by commas; all without it')
    .option('--pattern <json>', 'the events that it gets', pattern)
    .option('--version <n>', 'only if the endpoints are at this version', whole)
    .action(run(put));
  withExamples(
    command,
    'millrace webhooks put billing endpoint.yaml',
    'millrace webhooks put billing --to https://billing.example.com/hook --topics orders,refunds',
  );
};

interface PutOptions {
  readonly to?: string;
  readonly topics?: string;
  readonly pattern?: object;
  readonly version?: number;
}

const put = async (context: Context, name: string, file: string | undefined, options: PutOptions): Promise<void> => {
  const { version } = options;
  const endpoint = file === undefined ? endpointOf(options) : await readEndpoint(context, file, options);
  const answer = await context.api.put<{ version: number }>(`webhooks/${part(name)}`, endpoint, { version });
  context.print(answer, () => `${name} is in force, version ${answer.version}`);
};

const endpointOf = ({ to, topics, pattern: wanted }: PutOptions): object => {
  if (to === undefined) throw new UsageError('where is it? Give a file, or --to');
  return {
    url: to,
    ...(topics === undefined ? {} : { topics: topics.split(',').map((one) => one.trim()) }),
    ...(wanted === undefined ? {} : { pattern: wanted }),
  };
};

const readEndpoint = async (context: Context, file: string, options: PutOptions): Promise<object> => {
  const stray = (['to', 'topics', 'pattern'] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} and a file: it takes one of them`);
  const text = await context.read(file);
  const { parse: parseYaml } = await import('yaml');
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new Failure(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Failure(`${file}: it takes an endpoint, as url: https://example.com/hook`);
  }
  return value;
};
