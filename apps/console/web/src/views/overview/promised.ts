import type { Summary } from '@millrace/admin-api';
import type { History } from '../../api/history.js';
import { bytes, compact, duration, percent } from '../../ui/format.js';

export interface Promised {
  readonly name: string;
  readonly value: string;
  /** What the number is of. */
  readonly note: string;
  readonly tone?: 'warn' | 'bad' | undefined;
  /** The parts of the address of the view that says more. */
  readonly to: readonly string[];
  readonly values: readonly number[];
}

const LONG_MS = 60_000;
const MEMORY_TIGHT = 0.8;

/** The key figures of the promises, and which of them are to worry about. */
export const promisesOf = (summary: Summary, history: History, now: number): Promised[] => {
  const { lag, pending, oldestWaitingAt, retries, parked, deadLetters, memory, duplicates, accepted, topicsBytes } =
    summary;
  const waited = oldestWaitingAt === null ? null : now - oldestWaitingAt;
  const used = memory === null || memory.max === 0 ? undefined : memory.used / memory.max;
  return [
    {
      name: 'Lag',
      value: compact(lag),
      note: pending > 0 ? `${compact(pending)} in flight` : 'none in flight',
      to: ['sinks'],
      values: history.series((one) => one.summary.lag),
    },
    {
      name: 'Oldest event',
      value: waited === null ? 'none' : duration(waited < 1000 ? 0 : Math.floor(waited / 1000) * 1000),
      note: waited === null ? 'no backlog' : 'not delivered to all sinks',
      tone: waited !== null && waited > LONG_MS ? 'warn' : undefined,
      to: ['sinks'],
      values: history.series((one) =>
        one.summary.oldestWaitingAt === null ? 0 : one.summary.at - one.summary.oldestWaitingAt,
      ),
    },
    {
      name: 'Retries',
      value: compact(retries),
      note: parked > 0 ? `${compact(parked)} scheduled for retry` : 'none scheduled',
      tone: parked > 0 ? 'warn' : undefined,
      to: ['sinks'],
      values: history.series((one) => one.summary.parked),
    },
    {
      name: 'Dead letters',
      value: compact(deadLetters),
      note: deadLetters > 0 ? 'need attention' : 'no failed events',
      tone: deadLetters > 0 ? 'bad' : undefined,
      to: ['dead-letters'],
      values: history.series((one) => one.summary.deadLetters),
    },
    {
      name: 'Memory',
      value: bytes(memory?.used),
      note: used === undefined ? `topics ${bytes(topicsBytes)}, no limit` : `${percent(used)} of ${bytes(memory?.max)}`,
      tone: (used ?? 0) > MEMORY_TIGHT ? 'warn' : undefined,
      to: ['topics'],
      values: history.series((one) => one.summary.memory?.used ?? 0),
    },
    {
      name: 'Duplicates',
      value: compact(duplicates),
      note: `ignored, of ${compact(accepted + duplicates)} sent`,
      to: ['topics', 'in'],
      values: history.series((one) => one.summary.duplicates),
    },
  ];
};
