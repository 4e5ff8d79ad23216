import type { EndpointState } from '@millrace/endpoints';
import { createLogger } from '@millrace/host';
import { EndpointSupervisor } from '../src/delivery/endpoint-supervisor.js';

const DAY = 86_400_000;
const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });

/** A supervisor whose states are kept here, and the notices that it gave. */
const begin = async () => {
  const stored: { state: EndpointState } = { state: {} };
  const notices: object[] = [];
  const supervisor = new EndpointSupervisor({
    endpoint: 'billing',
    states: {
      of: async () => stored.state,
      set: async (_, state) => {
        stored.state = state;
      },
    },
    offAfterMs: 5 * DAY,
    notify: async (notice) => {
      notices.push(notice);
    },
    log,
  });
  await supervisor.begin();
  return { supervisor, stored, notices };
};

describe('a supervisor', () => {
  it('switches an endpoint off that failed for days, with one notice, and asks whether it is on again', async () => {
    const { supervisor, stored, notices } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.failed(new Error('500'), 5 * DAY - 1, undefined);
    expect(await supervisor.isOn()).toBe(true);
    supervisor.failed(new Error('502'), 5 * DAY, undefined);
    expect(await supervisor.isOn()).toBe(false);
    const reason = 'it has failed since 1970-01-01T00:00:00.000Z: 502';
    expect(stored.state).toMatchObject({ offAt: 5 * DAY, offReason: reason });
    expect(notices).toEqual([{ reason, failingSince: 0 }]);
    stored.state = {};
    expect(await supervisor.isOn()).toBe(true);
  });

  it('begins to count anew with a success', async () => {
    const { supervisor } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.succeeded();
    supervisor.failed(new Error('500'), 5 * DAY, undefined);
    expect(await supervisor.isOn()).toBe(true);
  });

  it.each([
    ['failed', (supervisor: EndpointSupervisor) => supervisor.failed(new Error('500'), 2, 3)],
    ['succeeded', (supervisor: EndpointSupervisor) => supervisor.succeeded()],
    ['failed for days', (supervisor: EndpointSupervisor) => supervisor.failed(new Error('500'), 9 * DAY, undefined)],
  ])('leaves an endpoint off whose requests that were still under way %s', async (_, ends) => {
    const { supervisor, stored, notices } = await begin();
    supervisor.failed(new Error('500'), 0, undefined);
    supervisor.switchOff('it answered 410', 1);
    ends(supervisor);
    expect(await supervisor.isOn()).toBe(false);
    expect(stored.state).toMatchObject({ offAt: 1, offReason: 'it answered 410' });
    expect(notices).toHaveLength(1);
  });
});
