import type { Outcome } from '../../contract.js';
import type { EntryDelivery } from '../../entry.js';
import { errorClass, errorMessage } from '../../settlement/dead-letter.js';
import type { SettlementRules } from '../../settlement/settlement.js';
import { isSampled, type TraceLog, type TraceRecord } from './trace-log.js';

/** When deliveries were handed out, and when they were settled, in Unix milliseconds. */
export interface Times {
  readonly since: number;
  readonly now: number;
}

/** How a delivery failed. */
export interface FailedSo {
  readonly outcome: 'parked' | 'dead';
  readonly parkedAs?: string | undefined;
  readonly dueAt?: number;
}

/** Says of deliveries what became of them: of all that fail or failed before, and of a share of the others. */
export class Recorder {
  constructor(
    private readonly log: TraceLog,
    private readonly share: () => number,
  ) {}

  done(delivery: EntryDelivery, outcome: Outcome, times: Times, rules: SettlementRules): void {
    if ('cause' in outcome) return; // It was reported as failed.
    const isFirstTry = delivery.attempt === 1 && delivery.redriven === undefined;
    if (isFirstTry && !isSampled(delivery.event, this.share())) return;
    const to = outcome.kind === 'forward' ? { to: outcome.to.map((forward) => forward.to) } : {};
    this.add(delivery, times, rules, { outcome: 'done', ...to });
  }

  failed(
    { delivery, outcome, ...times }: Times & { readonly delivery: EntryDelivery; readonly outcome: Outcome },
    rules: SettlementRules,
    how: FailedSo,
  ): void {
    const cause = 'cause' in outcome ? outcome.cause : undefined;
    const error = cause === undefined ? {} : { error: `${errorClass(cause)}: ${errorMessage(cause)}`.slice(0, 500) };
    this.add(delivery, times, rules, { ...how, ...error });
  }

  private add(
    { event, partition, stream, position, attempt, redriven }: EntryDelivery,
    { since, now }: Times,
    { hop, group }: SettlementRules,
    more: Pick<TraceRecord, 'outcome'> & Partial<TraceRecord>,
  ): void {
    const again = redriven === undefined ? {} : { redrivenAt: redriven.at };
    const record = { at: now, hop, group, stream, position, attempt, ms: now - since, ...again, ...more };
    this.log.add(partition, event, record);
  }
}
