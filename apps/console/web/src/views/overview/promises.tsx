import './promises.css';
import type { Summary } from '@millrace/admin-api';
import type { ReactNode } from 'react';
import type { History } from '../../api/history.js';
import { useLive } from '../../api/live.js';
import { href } from '../../shell/location.js';
import { bytes, compact, duration, percent } from '../../ui/format.js';
import { Sparkline } from '../../ui/sparkline.js';
import { useNow } from '../../ui/time.js';

interface Promised {
  readonly name: string;
  readonly value: string;
  /** What the number is of. */
  readonly note: string;
  readonly tone?: 'warn' | 'bad' | undefined;
  readonly to: string;
  readonly values: readonly number[];
}

const LONG_MS = 60_000;
const MEMORY_TIGHT = 0.8;

const promisesOf = (summary: Summary, history: History, now: number): Promised[] => {
  const { lag, pending, oldestWaitingAt, retries, parked, deadLetters, memory, duplicates, accepted, topicsBytes } =
    summary;
  const waited = oldestWaitingAt === null ? null : Math.max(0, now - oldestWaitingAt);
  const used = memory === null || memory.max === 0 ? undefined : memory.used / memory.max;
  return [
    {
      ...{
        name: 'Lag',
        value: compact(lag),
        note: pending > 0 ? `${compact(pending)} in hand` : 'nothing in hand',
        to: href(['sinks']),
      },
      values: history.series((one) => one.summary.lag),
    },
    {
      name: 'Oldest waiting',
      value: waited === null ? 'none' : duration(waited < 1000 ? 0 : Math.floor(waited / 1000) * 1000),
      note: waited === null ? 'all is settled' : 'not settled everywhere',
      ...{ tone: waited !== null && waited > LONG_MS ? 'warn' : undefined, to: href(['sinks']) },
      values: history.series((one) =>
        one.summary.oldestWaitingAt === null ? 0 : one.summary.at - one.summary.oldestWaitingAt,
      ),
    },
    {
      ...{
        name: 'Retries',
        value: compact(retries),
        note: parked > 0 ? `${compact(parked)} parked now` : 'none parked now',
      },
      ...{ tone: parked > 0 ? 'warn' : undefined, to: href(['sinks']) },
      values: history.series((one) => one.summary.parked),
    },
    {
      ...{
        name: 'Dead letters',
        value: compact(deadLetters),
        note: deadLetters > 0 ? 'wait for somebody' : 'nothing was given up',
      },
      ...{ tone: deadLetters > 0 ? 'bad' : undefined, to: href(['dead-letters']) },
      values: history.series((one) => one.summary.deadLetters),
    },
    {
      name: 'Memory',
      value: bytes(memory?.used),
      note: used === undefined ? `topics ${bytes(topicsBytes)}, no limit` : `${percent(used)} of ${bytes(memory?.max)}`,
      ...{ tone: (used ?? 0) > MEMORY_TIGHT ? 'warn' : undefined, to: href(['topics']) },
      values: history.series((one) => one.summary.memory?.used ?? 0),
    },
    {
      ...{
        name: 'Duplicates',
        value: compact(duplicates),
        note: `refused, of ${compact(accepted + duplicates)} sent`,
      },
      to: href(['topics', 'in']),
      values: history.series((one) => one.summary.duplicates),
    },
  ];
};

const Tile = ({ name, value, note, tone, to, values }: Promised): ReactNode => (
  <li>
    <a href={to}>
      <span className="soft">{name}</span>
      <strong className={`tabular ${tone ?? ''}`}>{value}</strong>
      <small className="soft">{note}</small>
      <Sparkline values={values} />
    </a>
  </li>
);

/** A number for each promise that the pipeline makes. */
export const Promises = () => {
  const { snapshot, history } = useLive();
  const now = useNow();
  if (snapshot === null) return <ul className="promises" aria-hidden="true" />;
  return (
    <ul className="promises" aria-label="The promises in numbers">
      {promisesOf(snapshot.summary, history, now).map((one) => (
        <Tile key={one.name} {...one} />
      ))}
    </ul>
  );
};
