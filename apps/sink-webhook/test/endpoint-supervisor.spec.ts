import type { EndpointState } from '@millrace/endpoints';
import { createLogger } from '@millrace/host';
import { Unavailable } from '@millrace/streams';
import { waitFor } from '@millrace/testkit';
import fc from 'fast-check';
import { EndpointSupervisor } from '../src/delivery/endpoint-supervisor.js';

const DAY = 86_400_000;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

/** States that are kept here, as Redis keeps them, and what was asked of them. */
class Kept {
  state: EndpointState = {};
  deliveredAtMs: number | undefined;
  writes = 0;
  isAway = false;
  readonly notices: object[] = [];

  readonly of = async (): Promise<EndpointState> => this.ask(() => this.state);
  readonly deliveredAt = async (): Promise<number | undefined> => this.ask(() => this.deliveredAtMs);
  readonly failing = async (_: string, failing: EndpointState): Promise<void> =>
    this.ask(() => {
      const { offAt, offReason } = this.state;
      this.writes += 1;
      this.state = { ...failing, ...(offAt === undefined ? {} : { offAt, offReason: offReason ?? '' }) };
    });
  readonly delivered = async (name: string, at: number): Promise<void> => {
    this.deliveredAtMs = at;
    await this.failing(name, {});
  };
  readonly off = async (_: string, off: EndpointState): Promise<boolean> =>
    this.ask(() => {
      const isFirst = this.state.offAt === undefined;
      if (isFirst) this.state = { ...this.state, ...off };
      return isFirst;
    });

  supervisor(): EndpointSupervisor {
    return new EndpointSupervisor({
      endpoint: 'billing',
      states: this,
      offAfterMs: 5 * DAY,
      log,
      notify: async (notice) => void this.notices.push(notice),
    });
  }

  private ask<T>(answer: () => T): T {
    if (this.isAway) throw new Unavailable('Redis is away');
    return answer();
  }
}

const begin = async (kept = new Kept()) => {
  const supervisor = kept.supervisor();
  await supervisor.begin();
  return { supervisor, kept };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a supervisor', () => {
  it('disables an endpoint that failed for days, with one notice, and asks whether it is on again', async () => {
    const { supervisor, kept } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.failed(new Error('500'), 5 * DAY - 1, undefined);
    await settled();
    expect(await supervisor.isOn()).toBe(true);
    supervisor.failed(new Error('502'), 5 * DAY, undefined);
    await waitFor(async () => !(await supervisor.isOn()), { what: 'it to be disabled' });
    const reason = 'failing since 1970-01-01T00:00:00.000Z: 502';
    expect(kept.state).toMatchObject({ offAt: 5 * DAY, offReason: reason });
    expect(kept.notices).toEqual([{ reason, failingSince: 0 }]);
    kept.state = {};
    expect(await supervisor.isOn()).toBe(true);
  });

  it('begins to count anew with a success', async () => {
    const { supervisor } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.succeeded(1);
    supervisor.failed(new Error('500'), 5 * DAY, undefined);
    await settled();
    expect(await supervisor.isOn()).toBe(true);
  });

  it('counts from the last success of any process', async () => {
    const { supervisor: first, kept } = await begin();
    const { supervisor: second } = await begin(kept);
    second.failed(new Error('500'), 0, undefined);
    await settled();
    for (let n = 1; n <= 1000; n++) first.succeeded((n * 6 * DAY) / 1000);
    await settled();
    const { supervisor: third } = await begin(kept);
    for (const supervisor of [second, third]) supervisor.failed(new Error('503'), 6 * DAY + 1, undefined);
    await settled();
    expect([await second.isOn(), await third.isOn()]).toEqual([true, true]);
    expect(kept.state).toMatchObject({ failingSince: expect.any(Number) });
    second.failed(new Error('503'), 12 * DAY, undefined);
    await waitFor(async () => !(await second.isOn()), { what: 'it to be disabled in the end' });
  });

  it('writes successes once in a while, not one by one, and states one at a time', async () => {
    const { supervisor, kept } = await begin();
    for (let n = 0; n < 10_000; n++) supervisor.succeeded(n);
    await settled();
    expect(kept.writes).toBe(1);
    for (let n = 0; n < 10_000; n++) {
      supervisor.failed(new Error('500'), n, undefined);
      supervisor.succeeded(n);
    }
    await settled();
    expect(kept.writes).toBeLessThanOrEqual(3);
    expect(kept.state).toEqual({});
  });

  it('tells of it once where two processes find out together', async () => {
    const { supervisor: first, kept } = await begin();
    const { supervisor: second } = await begin(kept);
    for (const supervisor of [first, second]) supervisor.switchOff('it answered 410', 1);
    await settled();
    expect(kept.notices).toEqual([{ reason: 'it answered 410' }]);
  });

  it('decides nothing while Redis cannot be asked, and goes on where it could not be told', async () => {
    const { supervisor, kept } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    await settled();
    kept.isAway = true;
    supervisor.failed(new Error('500'), 6 * DAY, undefined);
    await settled();
    expect(await supervisor.isOn()).toBe(true);
    kept.isAway = false;
    supervisor.failed(new Error('500'), 6 * DAY, undefined);
    await waitFor(() => kept.state.offAt !== undefined, { what: 'it to be disabled' });
  });

  it.each([
    ['failed', (supervisor: EndpointSupervisor) => supervisor.failed(new Error('500'), 2, 3)],
    ['succeeded', (supervisor: EndpointSupervisor) => supervisor.succeeded(2)],
    ['failed for days', (supervisor: EndpointSupervisor) => supervisor.failed(new Error('500'), 9 * DAY, undefined)],
  ])('leaves an endpoint off whose requests that were still under way %s', async (_, ends) => {
    const { supervisor, kept } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.switchOff('it answered 410', 1);
    ends(supervisor);
    await settled();
    expect(await supervisor.isOn()).toBe(false);
    expect(kept.state).toMatchObject({ offAt: 1, offReason: 'it answered 410' });
    expect(kept.notices).toHaveLength(1);
  });

  it('disables exactly where nothing was delivered by anybody for the whole time, in any order of things', async () => {
    const step = fc.record({
      who: fc.nat(2),
      afterMs: fc.integer({ min: 1, max: 2 * DAY }),
      isGood: fc.boolean(),
      isRestart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const kept = new Kept();
        const processes = await Promise.all([0, 1, 2].map(async () => (await begin(kept)).supervisor));
        const failsSince: (number | undefined)[] = [];
        let [now, lastGood] = [0, Number.NEGATIVE_INFINITY];
        for (const { who, afterMs, isGood, isRestart } of steps) {
          now += afterMs;
          if (isRestart) {
            processes[who] = (await begin(kept)).supervisor;
            failsSince[who] = undefined;
          }
          const supervisor = processes[who] as EndpointSupervisor;
          if (isGood) supervisor.succeeded(now);
          else supervisor.failed(new Error('500'), now, undefined);
          await settled();
          if (isGood) [lastGood, failsSince.length] = [now, 0];
          else failsSince[who] ??= now;
          const isOff = kept.state.offAt !== undefined;
          // Notes of successes are a minute apart, so that much is not known.
          if (isOff) expect(now - lastGood).toBeGreaterThanOrEqual(5 * DAY - 60_000);
          if (!isGood && now - (failsSince[who] ?? now) >= 5 * DAY) expect(isOff).toBe(true);
          if (isOff) return;
        }
      }),
    );
  });
});
