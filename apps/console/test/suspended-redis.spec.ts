import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { RunningConsole } from './running-console.js';

/** Longer than all that the console does again and again waits for its next time. */
const LOOKED_MS = 3500;
/** Less than a command that is sent waits for its answer. */
const STOPPED_MS = 5000;

describeOnRealRedis('a console whose Redis is suspended', () => {
  let redis: RedisServer;
  let console: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
    console = await RunningConsole.start(redis.url);
  });

  afterAll(async () => {
    process.kill(redis.pid as number, 'SIGCONT');
    await console.close();
    await redis.stop();
  });

  it('stops, whatever it waits for', async () => {
    process.kill(redis.pid as number, 'SIGSTOP');
    const unanswered = fetch(`${console.url}/api/topics`, { signal: AbortSignal.timeout(LOOKED_MS) });
    await expect(unanswered).rejects.toThrow(/timeout/);
    const started = performance.now();
    await console.stopConsole();
    expect(performance.now() - started).toBeLessThan(STOPPED_MS);
  });
});
