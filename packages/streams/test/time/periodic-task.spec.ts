import { setImmediate as turn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { LONGEST_TIMER_MS } from '../../src/time/interval.js';
import { PeriodicTask, type TaskOptions } from '../../src/time/periodic-task.js';

describe('a periodic task', () => {
  const errors: string[] = [];
  const options = (more: Partial<TaskOptions> = {}): TaskOptions => ({
    everyMs: 100,
    onError: ({ message }) => errors.push(message),
    ...more,
  });
  let begun = 0;
  /** Ends the run that began last. */
  let end: (error?: Error) => void;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      begun += 1;
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
  /** As much later, with all that follows from it. */
  const after = async (ms: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(ms);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    begun = 0;
    errors.length = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs at once, and again so long after the end of a run', async () => {
    const task = new PeriodicTask(work, options());
    task.start();
    expect(begun).toBe(1);
    await after(1000);
    expect(begun).toBe(1);
    end();
    await after(99);
    expect(begun).toBe(1);
    await after(1);
    expect(begun).toBe(2);
  });

  it('runs after a delay where it is asked to, sooner where it is asked again', async () => {
    const task = new PeriodicTask(work, options());
    task.start(1000);
    task.start(5000);
    await after(500);
    task.start(100);
    await after(100);
    expect(begun).toBe(1);
    end();
    await after(100);
    expect(begun).toBe(2);
  });

  it('runs again right after the run that is under way, where it is asked to meanwhile', async () => {
    const task = new PeriodicTask(work, options());
    task.start();
    task.start();
    task.start();
    expect(begun).toBe(1);
    end();
    await after(0);
    expect(begun).toBe(2);
    end();
    await after(99);
    expect(begun).toBe(2);
  });

  it.each([0, 10])('runs again after a run that asks for the next one itself, in %i ms', async (inMs) => {
    const task = new PeriodicTask(
      () => {
        if (begun < 2) task.start(inMs);
        return work();
      },
      options({ everyMs: Number.POSITIVE_INFINITY }),
    );
    task.start();
    await after(1000);
    expect([begun, errors]).toEqual([1, []]);
    end();
    await after(0);
    expect([begun, errors]).toEqual([2, []]);
  });

  it('waits for longer than a timer of Node can', async () => {
    const task = new PeriodicTask(work, options());
    task.start(LONGEST_TIMER_MS + 1000);
    await after(LONGEST_TIMER_MS + 999);
    expect(begun).toBe(0);
    await after(1);
    expect(begun).toBe(1);
  });

  it('runs once where nothing says how often', async () => {
    const task = new PeriodicTask(work, options({ everyMs: Number.POSITIVE_INFINITY }));
    task.start(10);
    await after(10);
    end();
    await after(1_000_000);
    expect(begun).toBe(1);
  });

  it('tells of errors, thrown or rejected, and goes on', async () => {
    const task = new PeriodicTask(() => {
      begun += 1;
      if (begun === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    }, options());
    task.start();
    await after(100);
    expect([begun, errors]).toEqual([2, ['thrown', 'rejected']]);
    await after(100);
    expect(begun).toBe(3);
  });

  it('stops: hands over an abort, waits for the run under way, and begins nothing more', async () => {
    let signal: AbortSignal | undefined;
    const task = new PeriodicTask((stop) => {
      signal = stop;
      return work();
    }, options());
    task.start();
    let stopped = 0;
    for (let n = 0; n < 2; n += 1) void task.stop().then(() => (stopped += 1));
    await after(1000);
    expect([signal?.aborted, stopped]).toEqual([true, 0]);
    task.start();
    end(new Error('cut off'));
    await after(1000);
    expect([stopped, begun, errors, jest.getTimerCount()]).toEqual([2, 1, [], 0]);
  });

  it('stops while it waits, and before it was started', async () => {
    const task = new PeriodicTask(work, options());
    task.start(100);
    await task.stop();
    task.start();
    await after(1000);
    expect([begun, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('lets the process end where it is told to', async () => {
    jest.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const quiet = new PeriodicTask(() => undefined, options({ unref: true }));
    const kept = new PeriodicTask(() => undefined, options());
    quiet.start();
    await turn();
    expect(timers()).toBe(before);
    kept.start();
    await turn();
    expect(timers()).toBe(before + 1);
    await Promise.all([quiet.stop(), kept.stop()]);
    expect(timers()).toBe(before);
  });
});
