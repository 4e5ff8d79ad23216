import type { Finding } from '@millrace/admin-api';
import { plural } from '../../ui/format.js';

const WORST: readonly Finding['verdict'][] = ['refuse', 'warning', 'unknown', 'ok'];

export const byWorst = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict));

/** A summary of all of them. What is unknown is nothing to fix. */
export const inShort = (findings: readonly Finding[]): string => {
  const wrong = findings.filter(({ verdict }) => verdict === 'warning' || verdict === 'refuse').length;
  return wrong === 0 ? 'all checks passed' : `${plural(wrong, 'problem')} to fix`;
};
