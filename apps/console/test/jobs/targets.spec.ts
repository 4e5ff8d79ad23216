import { EndpointStates, groupOf } from '@millrace/endpoints';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { RunningConsole } from '../running-console.js';

describeOnRealRedis('an endpoint as the target of a replay', () => {
  let redis: RedisServer;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    running = await RunningConsole.start(redis.url);
  });
  afterAll(async () => {
    await running?.close();
    await redis?.stop();
  });

  it.each([
    ['disabled', { offAt: 1_700_000_000_000, offReason: 'it answered 410' }, /disabled since 2023-.*: it answered 410/],
    [
      'unreachable',
      { failingSince: 1_700_000_000_000, failure: 'connection refused' },
      /failing since .*: connection refused$/,
    ],
    [
      'left alone by its breaker',
      { failingSince: 1_700_000_000_000, failure: 'status 503', openUntil: 4_000_000_000_000 },
      /failing since .*: status 503; retries are paused until 2096-/,
    ],
  ])('the dry run reports that it is %s', async (_, state, expected) => {
    const { transport } = running;
    await transport.registry.registerTopics(['orders']);
    const registration = { group: groupOf('billing'), hop: 'sink-webhook', streams: ['hook:billing'] };
    await transport.registry.registerGroup({ ...registration, about: { name: 'billing', topics: '*' } });
    const states = new EndpointStates(transport);
    await states.forget('billing');
    if ('offAt' in state) await states.off('billing', state as never);
    else await states.failing('billing', state as never);
    const body = { topic: 'orders', sink: groupOf('billing'), dryRun: true };
    const { warnings } = (await running.ask('POST', '/api/replays', body)).body;
    expect(warnings).toEqual([expect.stringMatching(expected)]);
  });
});
