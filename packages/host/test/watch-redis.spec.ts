import type { PeriodicTask } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { createLogger, Health } from '../src/index.js';
import { watchRedis } from '../src/lifecycle/watch-redis.js';

describeOnRealRedis('the watch over Redis', () => {
  let server: RedisServer;
  let admin: RedisTransport;
  let transport: RedisTransport;
  let health: Health;
  let warnings: string[];
  let watching: PeriodicTask;

  beforeAll(async () => {
    server = await startRedis();
    admin = new RedisTransport({ url: server.url });
  });
  afterAll(async () => {
    await admin.close();
    await server.stop();
  });
  beforeEach(() => {
    health = new Health();
    warnings = [];
  });
  afterEach(async () => {
    await watching.stop();
    await transport.close();
  });

  const allow = (...rules: readonly string[]) =>
    admin.connections.connect('acl').call('ACL', 'SETUSER', 'watched', 'reset', 'on', '>p', '~*', '&*', ...rules);
  /** Watches; gives how often it looked. */
  const watch = (examineMore: () => void = () => undefined): (() => number) => {
    let looks = 0;
    const log = createLogger({ hop: 'test', level: 'silent', format: 'json' });
    // Warnings of the doctor are of another kind: they have fields.
    log.warn = (...words: unknown[]) => words.length === 1 && warnings.push(String(words[0]));
    transport = new RedisTransport({ url: server.url.replace('://', '://watched:p@') });
    const down = health.down.bind(health);
    health.down = (name, detail) => {
      looks += 1;
      down(name, detail);
    };
    watching = watchRedis(transport, health, log, fail, async () => {
      examineMore();
      return [];
    });
    return () => looks;
  };
  const fail = (error: Error): never => {
    throw error;
  };
  const twice = (looks: () => number) => waitFor(() => looks() > 2, { what: 'two looks' });

  it('warns once where the examination is refused', async () => {
    await allow('+@all', '-fcall');
    await twice(watch());
    expect(warnings).toEqual([expect.stringMatching(/^not ready: .*fcall/)]);
  });

  it('warns once where the process cannot examine what it needs besides', async () => {
    await allow('+@all');
    await twice(
      watch(() => {
        throw new Error('no series here');
      }),
    );
    expect(warnings).toEqual(['not ready: no series here']);
  });

  it('warns once where Redis refuses later, and again where that comes back', async () => {
    await allow('+@all');
    const looks = watch();
    await waitFor(() => health.isUp('redis'), { what: 'Redis to be there' });
    for (const times of [1, 2]) {
      await allow('+@all', '-ping');
      const before = looks();
      await waitFor(() => looks() > before + 1, { what: 'two looks' });
      await allow('+@all');
      await waitFor(() => health.isUp('redis'), { what: 'Redis to be there again' });
      expect(warnings).toHaveLength(times);
      expect(warnings.at(-1)).toMatch(/^not ready: .*ping/);
    }
  });
});
