import type { AuditEntry } from '@millrace/admin-api';
import { pagesOf } from '../api/pages.js';
import type { Context } from '../context.js';
import { withLimit } from '../input/options.js';
import { timeOf } from '../input/times.js';
import { jsonOf } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addAudit: Group = (program, run) => {
  const command = program.command('audit').description('audit log of manual changes, newest first');
  withLimit(command).action(run(audit));
  withExamples(
    command,
    'millrace audit --limit 20',
    `millrace audit --json | jq '.entries[] | select(.action == "purge")'`,
  );
};

const audit = async (context: Context, { limit }: { limit: number }): Promise<void> => {
  const { all, next } = await pagesOf<AuditEntry>(context, 'audit', 'entries', {}, limit);
  const rows = all.map(({ at, who, action, detail }) => [timeOf(at), who, action, jsonOf(detail)]);
  context.table({ entries: all, next }, ['when', 'who', 'what', 'with'], rows, 'no manual changes yet');
};
