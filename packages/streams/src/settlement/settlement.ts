import type { Forward, Outcome, StoreCommand, StreamedEvent } from '../contract.js';
import type { EntryDelivery } from '../entry.js';
import { PermanentError } from '../errors.js';
import { LONGEST_DELAY_MS, withinMs } from '../time/interval.js';
import type { RetryDelay } from '../time/retry-schedule.js';
import { errorClass, errorMessage, errorStack, type Failure, withFailure } from './dead-letter.js';

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
  // A clock that was ahead of ours may have said when that was.
  const since = Math.min(now, delivery.redriven?.at ?? delivery.firstFailedAt ?? now);
  const leftMs = withinMs(since + rules.maxRetryAgeMs - now, 0, LONGEST_DELAY_MS);
  if (spent >= rules.maxAttempts || leftMs <= 0) return undefined;
  // Whoever asks to come back in a year is asked once more at the end of our own patience. A target may say anything.
  const scheduled = () => withinMs(rules.retryDelayMs(spent), DEFAULT_DELAY_MS, leftMs);
  return afterMs === undefined || Number.isNaN(afterMs) ? scheduled() : withinMs(afterMs, 0, leftMs);
};

/** When a delivery whose target is away is tried again, in milliseconds from now. */
export const waitOf = (afterMs: number): number => withinMs(afterMs, DEFAULT_DELAY_MS, LONGEST_DELAY_MS);

/** Where a schedule gives no number. */
const DEFAULT_DELAY_MS = 1000;

/** A delivery to be parked. */
export interface Park {
  readonly delivery: EntryDelivery;
  readonly delayMs: number;
  /** What its entry in the `again` stream will hold: name, value, name, value… */
  readonly fields: readonly string[];
}

/** A delivery to be dead-lettered. */
export interface DeadLettering {
  readonly delivery: EntryDelivery;
  readonly fields: readonly string[];
}

/** Takes what has to happen for an entry, together with its acknowledgement. */
export interface Placement {
  forward(forward: Forward): void;
  apply(command: StoreCommand): void;
  park(park: Park): void;
  deadLetter(letter: DeadLettering): void;
}

/** The last error of a delivery that was handed out too often without ever being settled. */
export class AttemptsExhausted extends Error {
  override readonly name = 'AttemptsExhausted';
}

/** Why an entry that is not one of ours is a dead letter. */
const FOREIGN = new PermanentError(
  'not an entry of Millrace: it holds no event, or a field such as "attempt", "position" or "history" has an invalid value',
);

/** What is kept of an entry that is not one of ours: its event, if it has one, so that it can be redriven; and all else. */
const foreignFields = (foreign: readonly string[]): { event: StreamedEvent; rest: readonly string[] } => {
  const rest: string[] = [];
  const event = { type: '', json: '' };
  for (let i = 0; i + 1 < foreign.length; i += 2) {
    const [name, value] = [foreign[i] as string, foreign[i + 1] as string];
    if (name === 'event') event.json = value;
    else if (name === 'type') event.type = value;
    if (name !== 'event') rest.push(name, value);
  }
  return { event, rest };
};

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
    return undefined; // What cannot be decoded is dead-lettered as it is.
  }
};

/** The dead letter of a delivery, as stream fields: the event untouched, and why beside it. */
export const deadLetter = (
  delivery: EntryDelivery,
  cause: Error,
  rules: SettlementRules,
  now: number,
): DeadLettering => {
  const stack = errorStack(cause);
  const foreign = delivery.foreign === undefined ? undefined : foreignFields(delivery.foreign);
  const event = foreign?.event ?? delivery.event;
  const trace = traceOf(event);
  return {
    delivery,
    fields: [
      ...eventFields(event),
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
      ...(foreign === undefined ? [] : ['fields', JSON.stringify(foreign.rest)]),
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
 * leaves it as single events. A retry beyond the last attempt, or the greatest age, is a dead letter; so is an entry that
 * is not one of ours, whatever the consumer made of its empty event.
 */
export const place = (
  delivery: EntryDelivery,
  outcome: Outcome,
  { rules, now }: { readonly rules: SettlementRules; readonly now: number },
  into: Placement,
): void => {
  if (delivery.foreign !== undefined) {
    const cause = outcome.kind === 'reject' ? outcome.cause : FOREIGN;
    into.deadLetter(deadLetter(delivery, cause, rules, now));
    return;
  }
  if (outcome.kind === 'ack') return;
  if (outcome.kind === 'forward') for (const forward of outcome.to) into.forward(forward);
  else if (outcome.kind === 'apply') into.apply(outcome.command);
  else if (outcome.kind === 'wait') into.park(park(delivery, waitOf(outcome.afterMs), uncounted(delivery)));
  else {
    const delay = outcome.kind === 'retry' ? delayOf(delivery, outcome.afterMs, rules, now) : undefined;
    if (delay === undefined) into.deadLetter(deadLetter(delivery, outcome.cause, rules, now));
    else into.park(park(delivery, delay, failed(delivery, outcome.cause, now)));
  }
};
