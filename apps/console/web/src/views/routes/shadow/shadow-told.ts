import type { ShadowReport } from '@millrace/admin-api';
import { count } from '../../../ui/format.js';

/** What is known of a route that is tried. */
export interface Tried {
  readonly report: ShadowReport | undefined;
  readonly error: Error | undefined;
  readonly isValid: boolean;
  /** Why the signed-in user may not ask. */
  readonly refusal: string | undefined;
}

/** What a route would do to the last events, or why that is not shown. */
export const shadowTold = ({ report, error, isValid, refusal }: Tried) => {
  if (refusal !== undefined) return refusal;
  if (!isValid || error !== undefined) return 'Fix the route to see its impact.';
  if (report === undefined) return 'Calculating…';
  if (report.events === 0) return 'The inbox has no events for a preview.';
  const changes = report.different === 0 ? 'and changes nothing' : `and reroutes ${count(report.different)}`;
  return {
    matches: `matches ${count(report.matched)} of the last ${count(report.events)}`,
    changes: `${changes}, ${report.microseconds.withDraft} µs each`,
  };
};

/** Copies in a topic, now and with the route. */
export interface Copies {
  readonly topic: string;
  readonly before: number;
  readonly after: number;
}

/** Of all topics that get some, or got some. */
export const copiesOf = ({ inForce, withDraft }: ShadowReport): Copies[] =>
  [...new Set([...Object.keys(inForce), ...Object.keys(withDraft)])]
    .sort()
    .map((topic) => ({ topic, before: inForce[topic] ?? 0, after: withDraft[topic] ?? 0 }));
