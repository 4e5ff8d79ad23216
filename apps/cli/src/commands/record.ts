import type { TraceSetting } from '@millrace/admin-api';
import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { whole } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { type Group, withExamples } from './command.js';

/** `millrace record` */
export const addRecord: Group = (program, run) => {
  const command = program
    .command('record')
    .description('how much of what becomes of events is recorded for trace, beside all that fails; or another share')
    .argument('[share]', 'of the events, as 0.01, 5% or all', share)
    .option('--seconds <n>', 'for so long; without it until somebody says otherwise', whole)
    .action(run(record));
  withExamples(command, 'millrace record', 'millrace record all --seconds 600', 'millrace record 1%');
};

const share = (text: string): number => {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = text === 'all' ? 1 : Number(number ?? Number.NaN) / (percent === '%' ? 100 : 1);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('it takes a share, as 0.01, 5% or all');
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
