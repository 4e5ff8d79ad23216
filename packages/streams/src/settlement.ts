import type { Forward, Outcome, StoreCommand, StreamedEvent } from './contract.js';
import { errorClass, errorMessage, errorStack, type Failure, withFailure } from './dead-letter.js';
import type { EntryDelivery } from './entry.js';
import type { RetryDelay } from './retry-schedule.js';

/** Who settles, and by which rules. */
export interface SettlementRules {
  readonly hop: string;
  readonly group: string;
  readonly consumer: string;
  readonly maxAttempts: number;
  readonly maxRetryAgeMs: number;
  readonly retryDelayMs: RetryDelay;
}

/** Attempts that count: all, or those since the last redrive. */
export const attemptsSpent = ({ attempt, redriven }: EntryDelivery): number => attempt - (redriven?.attempts ?? 0);

/** When a delivery that failed now is tried again, in milliseconds from now; undefined where it was its last chance. */
export const delayOf = (
  delivery: EntryDelivery,
  afterMs: number | undefined,
  rules: SettlementRules,
  now: number,
): number | undefined => {
  const spent = attemptsSpent(delivery);
  const until = (delivery.redriven?.at ?? delivery.firstFailedAt ?? now) + rules.maxRetryAgeMs;
  if (spent >= rules.maxAttempts || now >= until) return undefined;
  // Whoever asks to come back in a year is asked once more at the end of our own patience.
  return Math.min(afterMs ?? rules.retryDelayMs(spent), until - now);
};

/** A delivery to be parked. */
export interface Park {
  readonly delivery: EntryDelivery;
  readonly delayMs: number;
  /** What its entry in the `again` stream will hold: name, value, name, value… */
  readonly fields: readonly string[];
}

/** A delivery to be dead-lettered. */
export interface Burial {
  readonly delivery: EntryDelivery;
  readonly fields: readonly string[];
}

/** Takes what has to happen for an entry, together with its acknowledgement. */
export interface Placement {
  forward(forward: Forward): void;
  apply(command: StoreCommand): void;
  park(park: Park): void;
  bury(burial: Burial): void;
}

/** The last error of a delivery that was handed out too often without ever being settled. */
export class AttemptsExhausted extends Error {
  override readonly name = 'AttemptsExhausted';
}

const eventFields = (event: StreamedEvent): string[] => ['type', event.type, 'event', event.json];

/** What is known of attempts, as it is stored with a delivery. */
interface Attempts {
  readonly attempt: number;
  readonly first: number | undefined;
  readonly history: readonly Failure[];
}

const park = (delivery: EntryDelivery, delayMs: number, { attempt, first, history }: Attempts): Park => ({
  delivery,
  delayMs,
  fields: [
    ...eventFields(delivery.event),
    'stream',
    delivery.stream,
    'position',
    delivery.position,
    'attempt',
    String(attempt),
    ...(first === undefined ? [] : ['first', String(first)]),
    'history',
    JSON.stringify(history),
    ...(delivery.redriven === undefined ? [] : ['redriven', JSON.stringify(delivery.redriven)]),
  ],
});

/** With this attempt as one that failed. */
const failed = ({ attempt, firstFailedAt, history }: EntryDelivery, cause: Error, now: number): Attempts => ({
  attempt,
  first: firstFailedAt ?? now,
  history: withFailure(history, now, attempt, cause),
});

/** As if this attempt had not been: the next one has its number. */
const uncounted = ({ attempt, firstFailedAt, history }: EntryDelivery): Attempts => ({
  attempt: attempt - 1,
  first: firstFailedAt,
  history,
});

/** The W3C trace context that the event carries, if it does. */
const traceOf = ({ json }: StreamedEvent): string | undefined => {
  try {
    const { traceparent } = JSON.parse(json) as { traceparent?: unknown };
    return typeof traceparent === 'string' ? traceparent.slice(0, 100) : undefined;
  } catch {
    return undefined; // What cannot be decoded is buried as it is.
  }
};

/** The dead letter of a delivery, as stream fields: the event untouched, and why beside it. */
export const bury = (delivery: EntryDelivery, cause: Error, rules: SettlementRules, now: number): Burial => {
  const stack = errorStack(cause);
  const trace = traceOf(delivery.event);
  return {
    delivery,
    fields: [
      ...eventFields(delivery.event),
      'hop',
      rules.hop,
      'group',
      rules.group,
      'consumer',
      rules.consumer,
      'stream',
      delivery.stream,
      'position',
      delivery.position,
      'error',
      errorClass(cause),
      'message',
      errorMessage(cause),
      ...(stack === undefined ? [] : ['stack', stack]),
      ...(trace === undefined ? [] : ['trace', trace]),
      ...(delivery.foreign === undefined ? [] : ['fields', JSON.stringify(delivery.foreign)]),
      'attempts',
      String(delivery.attempt),
      'first',
      String(delivery.firstFailedAt ?? now),
      'last',
      String(now),
      'history',
      JSON.stringify(withFailure(delivery.history, now, delivery.attempt, cause)),
    ],
  };
};

/**
 * Says what an outcome comes to. Pure. An entry is settled whole: what succeeded in a frame is forwarded, what failed
 * leaves it as single events. A retry beyond the last attempt, or the greatest age, is a dead letter.
 */
export const place = (
  delivery: EntryDelivery,
  outcome: Outcome,
  { rules, now }: { readonly rules: SettlementRules; readonly now: number },
  into: Placement,
): void => {
  if (outcome.kind === 'ack') return;
  if (outcome.kind === 'forward') for (const forward of outcome.to) into.forward(forward);
  else if (outcome.kind === 'apply') into.apply(outcome.command);
  else if (outcome.kind === 'wait') into.park(park(delivery, outcome.afterMs, uncounted(delivery)));
  else {
    const delay = outcome.kind === 'retry' ? delayOf(delivery, outcome.afterMs, rules, now) : undefined;
    if (delay === undefined) into.bury(bury(delivery, outcome.cause, rules, now));
    else into.park(park(delivery, delay, failed(delivery, outcome.cause, now)));
  }
};
