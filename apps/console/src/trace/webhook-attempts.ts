import type { DeliveryTrace, TraceAttempt } from '@millrace/admin-api';
import type { Attempt } from '@millrace/endpoints';
import type { Origin } from './origin.js';

const attemptOf = ({ at, attempt, ms, status, failure, answer }: Attempt): TraceAttempt => ({
  at: at + ms,
  attempt,
  outcome: failure === undefined ? 'done' : 'retry',
  error: failure ?? null,
  message: failure === undefined ? null : (answer ?? null),
  ms,
  status: status ?? null,
});

/** What an endpoint's log of attempts tells, beside what is known already. It has every request, and its status. */
export const withAttempts = (trace: DeliveryTrace, log: readonly Attempt[], origin: Origin): DeliveryTrace => {
  const own = log.filter(({ stream, position }) => stream === origin.stream && position === origin.position);
  if (own.length === 0) return trace;
  const logged = own.map(attemptOf).sort((a, b) => a.at - b.at);
  const isDead = (n: number) => trace.state === 'dead' && n === logged.length - 1;
  const attempts = logged.map((one, n): TraceAttempt => (isDead(n) ? { ...one, outcome: 'rejected' } : one));
  const last = attempts.at(-1) as TraceAttempt;
  const isDone = trace.state === 'unknown' && last.outcome === 'done';
  return { ...trace, attempts, at: trace.at ?? last.at, state: isDone ? 'done' : trace.state };
};
