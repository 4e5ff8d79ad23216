import type { Finding } from '@millrace/streams/redis';
import type { ConsumerConfig } from './base-config.js';

/** The longest that a process may be busy with one call, and the variable that says so. */
export interface TimeOut {
  readonly name: string;
  readonly ms: number;
}

const scheduleMs = ({ RETRY_SCHEDULE, MAX_ATTEMPTS }: ConsumerConfig): number => {
  const last = RETRY_SCHEDULE.at(-1) ?? 0;
  return Array.from({ length: MAX_ATTEMPTS - 1 }, (_, i) => RETRY_SCHEDULE[i] ?? last).reduce((sum, ms) => sum + ms, 0);
};

/** Time-outs that contradict each other, a sentence each; nothing where they do not. `refuse`: it would not work at all. */
export const contradictions = (config: ConsumerConfig, own?: TimeOut): Finding[] => {
  const { BATCH_MAX_WAIT_MS, CLAIM_AFTER_MS, RETRY_MAX_AGE, SHUTDOWN_TIMEOUT } = config;
  const findings: Finding[] = [];
  const add = (verdict: Finding['verdict'], detail: string) => findings.push({ check: 'time-outs', verdict, detail });
  if (BATCH_MAX_WAIT_MS >= CLAIM_AFTER_MS / 2) {
    add(
      'refuse',
      `BATCH_MAX_WAIT_MS is ${BATCH_MAX_WAIT_MS} and CLAIM_AFTER_MS ${CLAIM_AFTER_MS}: others would claim a batch while ` +
        'it fills; take less than half of it',
    );
  }
  if (scheduleMs(config) > RETRY_MAX_AGE) {
    add(
      'warning',
      `RETRY_SCHEDULE takes ${scheduleMs(config)} ms to MAX_ATTEMPTS, and RETRY_MAX_AGE is ${RETRY_MAX_AGE}: deliveries ` +
        'are dead-lettered before their last attempts',
    );
  }
  if (own !== undefined && own.ms >= CLAIM_AFTER_MS) {
    add(
      'warning',
      `${own.name} is ${own.ms} and CLAIM_AFTER_MS ${CLAIM_AFTER_MS}: a statement of a dead process may still run when ` +
        'another takes it over',
    );
  }
  if (own !== undefined && own.ms > SHUTDOWN_TIMEOUT) {
    add(
      'warning',
      `${own.name} is ${own.ms} and SHUTDOWN_TIMEOUT ${SHUTDOWN_TIMEOUT}: a stop may cut a call off, which is then ` +
        'repeated',
    );
  }
  return findings;
};
