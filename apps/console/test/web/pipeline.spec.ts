import type { Finding, Sink, Snapshot, Summary } from '@millrace/admin-api';
import { History } from '../../web/src/api/history.js';
import { byWorst, inShort } from '../../web/src/views/doctor/findings.js';
import { promisesOf } from '../../web/src/views/overview/promised.js';
import { forgetRefusal, sinkWord } from '../../web/src/views/sinks/sink-word.js';

describe('a number for each promise', () => {
  const quiet: Summary = {
    at: 0,
    inbox: 0,
    accepted: 10,
    topics: 0,
    events: 0,
    topicsBytes: 2048,
    lag: 0,
    pending: 0,
    parked: 0,
    deadLetters: 0,
    oldestWaitingAt: null,
    duplicates: 2,
    retries: 0,
    memory: { used: 1024, max: 0 },
  };
  const told = (more: Partial<Summary>, name: string) =>
    promisesOf({ ...quiet, ...more }, new History(), 100_000).find((one) => one.name === name);

  it('is nothing to worry about where all is well', () => {
    expect(promisesOf(quiet, new History(), 0).flatMap(({ tone }) => tone ?? [])).toEqual([]);
    expect(told({}, 'Oldest event')).toMatchObject({ value: 'none', note: 'no backlog' });
    expect(told({}, 'Memory')?.note).toBe('topics 2 KB, no limit');
    expect(told({}, 'Duplicates')?.note).toBe('ignored, of 12 sent');
  });

  it.each<[Partial<Summary>, string, object]>([
    [{ oldestWaitingAt: 40_000 }, 'Oldest event', { value: '1 min', tone: undefined }],
    [{ oldestWaitingAt: 39_000 }, 'Oldest event', { value: '1 min 1 s', tone: 'warn' }],
    // Clocks differ.
    [{ oldestWaitingAt: 100_500 }, 'Oldest event', { value: '0 ms', tone: undefined }],
    [{ parked: 1 }, 'Retries', { tone: 'warn', note: '1 scheduled for retry' }],
    [{ deadLetters: 1 }, 'Dead letters', { tone: 'bad', to: ['dead-letters'] }],
    [{ memory: { used: 80, max: 100 } }, 'Memory', { tone: undefined }],
    [{ memory: { used: 81, max: 100 } }, 'Memory', { tone: 'warn', note: '81 % of 100 B' }],
    [{ memory: null }, 'Memory', { tone: undefined, value: '–' }],
  ])('%j: %s', (more, name, expected) => {
    expect(told(more, name)).toMatchObject(expected);
  });
});

describe('a rate', () => {
  const at = (ms: number): Snapshot => ({ summary: { at: ms, accepted: ms } }) as Snapshot;
  const of = (...times: number[]) => times.reduce((history, ms) => history.with(at(ms)), new History());
  const accepted = ({ summary }: Snapshot) => summary.accepted;

  it('is of the last seconds, and of two looks', () => {
    expect(of(0).rate(accepted)).toBeUndefined();
    expect(of(0, 2000).rate(accepted)).toBe(1000);
    expect(of(0, 60_000, 62_000).rate(({ summary }) => (summary.at === 0 ? -1e9 : summary.accepted))).toBe(1000);
    expect(of(1000, 1000).rate(accepted)).toBeUndefined();
  });

  it('is none where a count began anew', () => {
    expect(of(0, 2000).rate(({ summary }) => -summary.at)).toBe(0);
  });

  it('forgets what is older than three minutes', () => {
    expect(of(0, 1000, 181_000).snapshots.map(({ summary }) => summary.at)).toEqual([1000, 181_000]);
  });
});

describe('a group', () => {
  const sink = (more: Partial<Sink>): Sink => ({ paused: null, seenAt: 0, ...more }) as Sink;

  it('is paused, whether it runs or not, or was not seen', () => {
    expect(sinkWord(sink({}), 30_000)).toEqual(['running', 'good']);
    expect(sinkWord(sink({}), 30_001)).toEqual(['no heartbeat', 'bad']);
    expect(sinkWord(sink({ paused: { at: 0, who: '' } }), 90_000)).toEqual(['paused', 'warn']);
  });

  it('is forgotten when it is gone for a minute', () => {
    expect(forgetRefusal(sink({}), 59_999)).toMatch(/stop it first/);
    expect(forgetRefusal(sink({}), 60_000)).toBeUndefined();
  });
});

describe('what the doctor finds', () => {
  const of = (...verdicts: Finding['verdict'][]): Finding[] =>
    verdicts.map((verdict) => ({ verdict, check: verdict, detail: '' }));

  it('stands with the worst first', () => {
    expect(byWorst(of('ok', 'unknown', 'warning', 'refuse')).map(({ verdict }) => verdict)).toEqual([
      ...['refuse', 'warning', 'unknown', 'ok'],
    ]);
  });

  it('is all well where nothing is wrong, also where something is not known', () => {
    expect(inShort(of('ok', 'unknown'))).toBe('all checks passed');
    expect(inShort(of('ok', 'warning', 'refuse'))).toBe('2 problems to fix');
  });
});
