import type { Finding, FindingList } from '@millrace/admin-api';
import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { type Ink, paint } from '../output/text.js';
import { type Group, withExamples } from './command.js';

export const addDoctor: Group = (program, run) => {
  const doctor = program
    .command('doctor')
    .description('check Redis and the consumer groups; exits with 1 if a check fails')
    .action(run(examine));
  withExamples(
    doctor,
    'millrace doctor',
    `millrace doctor --json | jq -r '.findings[] | select(.verdict != "ok").detail'`,
  );
};

const INKS: Readonly<Record<Finding['verdict'], Ink>> = {
  ok: 'green',
  warning: 'yellow',
  refuse: 'red',
  unknown: 'dim',
};

const examine = async (context: Context): Promise<void> => {
  const answer = await context.api.get<FindingList>('doctor');
  const rows = answer.findings.map(({ check, verdict, detail }) => [paint(INKS[verdict], verdict), check, detail]);
  context.table(answer, ['verdict', 'check', 'found'], rows, 'nothing was checked');
  const refused = answer.findings.filter(({ verdict }) => verdict === 'refuse');
  if (refused.length > 0) throw new Failure(`refused: ${refused.map(({ check }) => check).join(', ')}`);
};
