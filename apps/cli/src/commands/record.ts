import type { TraceSetting } from '@millrace/admin-api';
import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { whole } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { type Group, withExamples } from './command.js';

export const addRecord: Group = (program, run) => {
  const command = program
    .command('record')
    .description('show or set the share of deliveries recorded for trace; failures are always recorded')
    .argument('[share]', 'share to record: 0.01, 5% or all', share)
    .option('--seconds <n>', 'for this many seconds; without it, until changed', whole)
    .action(run(record));
  withExamples(command, 'millrace record', 'millrace record all --seconds 600', 'millrace record 1%');
};

const share = (text: string): number => {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = text === 'all' ? 1 : Number(number ?? Number.NaN) / (percent === '%' ? 100 : 1);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('must be a share, such as 0.01, 5% or all');
  return value;
};

const record = async (
  context: Context,
  sample: number | undefined,
  { seconds }: { seconds?: number },
): Promise<void> => {
  if (sample === undefined && seconds !== undefined) throw new UsageError('--seconds is for a share: for how long');
  const now =
    sample === undefined
      ? await context.api.get<TraceSetting>('trace')
      : await context.api.put<TraceSetting>('trace', { sample, ...(seconds === undefined ? {} : { seconds }) });
  const until = now.until === null ? '' : `, until ${timeOf(now.until)}`;
  context.print(now, () => `recorded: all that fails, and ${shareOf(now.sample)} of the rest${until}`);
};

const shareOf = (sample: number): string => (sample === 1 ? 'all' : `${Math.round(sample * 10_000) / 100} %`);
