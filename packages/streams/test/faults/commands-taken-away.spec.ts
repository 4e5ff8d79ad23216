import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { Functions } from '../../src/redis/functions/functions.js';
import { STREAMS_LIBRARY } from '../../src/redis/functions/streams-library.js';
import { ACK } from '../../src/testing/take.js';

const IN = { name: 'in', partition: 0 };
const MORE = { name: 'topic:t', partition: 0 };
const EVENTS = 4;

/** All that the Functions run, by what registers them. */
const OF_FUNCTIONS = [...new Set(STREAMS_LIBRARY.functions.flatMap((name) => STREAMS_LIBRARY.commandsOf(name)))].sort();

/** What is sent beside them; those with a word behind the bar are halves of a command. */
const SENT = [
  ...['INFO', 'TIME', 'MULTI', 'EXEC', 'CONFIG', 'CLIENT', 'MEMORY', 'COMMAND', 'HELLO', 'WAIT', 'PING', 'EXISTS'],
  ...['FUNCTION|LIST', 'FUNCTION|LOAD', 'FCALL', 'XREADGROUP', 'XINFO|CONSUMERS', 'XINFO|GROUPS', 'XGROUP|CREATE'],
  ...['HVALS', 'HGETALL', 'HSET', 'GET', 'SMEMBERS', 'SADD', 'ZCARD', 'XLEN', 'SELECT', 'ACL'],
];

const COMMANDS = [...new Set([...OF_FUNCTIONS.map((name) => name.replace(' ', '|')), ...SENT])];

/** Taken away without anybody noticing more than a warning. */
const DONE_WITHOUT = [
  ...[
    'INFO',
    'MULTI',
    'EXEC',
    'CONFIG',
    'CLIENT',
    'MEMORY',
    'COMMAND',
    'HELLO',
    'WAIT',
    'FUNCTION|LIST',
    'XINFO|CONSUMERS',
  ],
];

const IDS = Array.from({ length: EVENTS }, (_, n) => `{"id":"${n}"}`);

/** A gateway, a router and a sink in small, as one user. */
const pipeline = async (url: string, keyPrefix: string, wanted = EVENTS) => {
  const said: string[] = [];
  const done = new AbortController();
  const giveUp = setTimeout(() => done.abort(), 20_000);
  const transport = new RedisTransport({
    url,
    keyPrefix,
    onNotice: (notice) => said.push(notice),
    onError: (error) => {
      said.push(error.message);
      done.abort();
    },
  });
  const say = (error: Error): void => void said.push(error.message);
  try {
    const found = await transport.server.examine();
    said.push(...found.filter(({ verdict }) => verdict === 'refuse').map(({ detail }) => detail));
    const events = IDS.map((json) => ({ type: 't', json }));
    await transport.producer.append(IN, events, { digests: IDS.map((id) => [id]) });
  } catch (error) {
    say(error as Error);
    done.abort();
  }
  const seen: string[] = [];
  const consumer = (group: string, stream: string) =>
    transport.consumer({ group, streams: () => [stream], partition: 0, retryDelayMs: () => 1, claimAfterMs: 200 });
  const run = async (group: string, stream: string, forward: boolean): Promise<void> => {
    for await (const batch of consumer(group, stream).batches(done.signal)) {
      const outcomes = await batch
        .settle(({ event, attempt }) => {
          if (!forward && attempt === 1) return { kind: 'retry', cause: new Error('once') };
          return forward ? { kind: 'forward', to: [{ to: MORE.name, event }] } : ACK;
        })
        .catch((error: Error) => {
          say(error);
          done.abort();
        });
      if (outcomes !== undefined && !forward)
        seen.push(...batch.deliveries.filter(({ attempt }) => attempt > 1).map(({ event }) => event.json));
      if (seen.length >= wanted) done.abort();
    }
  };
  await Promise.all([run('router', IN.name, true), run('sink', MORE.name, false)]).catch(say);
  clearTimeout(giveUp);
  await transport.close();
  return { seen: [...new Set(seen)].sort(), said };
};

describeOnRealRedis('commands that are taken away', () => {
  let server: RedisServer;
  let admin: RedisTransport;

  beforeAll(async () => {
    server = await startRedis();
    admin = new RedisTransport({ url: server.url });
  });
  afterAll(async () => {
    await admin.close();
    await server.stop();
  });

  it.each(COMMANDS)(
    '%s: all is delivered, or one sentence names it; nothing is lost or doubled by it',
    async (command) => {
      const allow = (...rules: readonly string[]) =>
        admin.connections
          .connect('admin')
          .call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>p', '~*', '&*', '+@all', ...rules);
      const prefix = `${command.replace('|', '-').toLowerCase()}:`;
      const url = server.url.replace('://', '://limited:p@');
      await allow(`-${command.toLowerCase()}`);
      const { seen, said } = await pipeline(url, prefix);
      if (DONE_WITHOUT.includes(command)) expect([seen, said]).toEqual([IDS, []]);
      else if (said.length === 0) expect(seen).toEqual(IDS);
      else expect(said.join('\n').toUpperCase()).toMatch(new RegExp(`\\b${command.split('|')[0]}\\b`));

      await allow();
      if (seen.length < EVENTS) seen.push(...(await pipeline(url, prefix, EVENTS - seen.length)).seen);
      const copies = await admin.connections.connect('admin').xlen(`${prefix}{p0}:topic:t`);
      expect([seen.sort(), copies]).toEqual([IDS, EVENTS]);
    },
  );

  it('says that Redis is full to a user who may run no scripts there', async () => {
    const full = await startRedis();
    const owner = new RedisTransport({ url: full.url });
    const user = new RedisTransport({ url: full.url.replace('://', '://limited:p@') });
    try {
      const redis = owner.connections.connect('owner');
      await redis.call('ACL', 'SETUSER', 'limited', 'on', '>p', '~*', '&*', '+@all', '-eval', '-evalsha');
      await redis.call('CONFIG', 'SET', 'maxmemory', '1');
      const functions = new Functions(user.connections.connect('user'), STREAMS_LIBRARY);
      await expect(functions.call('yield', ['mr:{p0}:lease:g'], ['me'])).rejects.toThrow(/OOM/);
      await redis.call('CONFIG', 'SET', 'maxmemory', '0');
      expect(await functions.call('yield', ['mr:{p0}:lease:g'], ['me'])).toBe('OK');
    } finally {
      await Promise.all([owner.close(), user.close()]);
      await full.stop();
    }
  });

  it('names a command that the server has under another name', async () => {
    const renamed = await startRedis({ flavour: 'native', config: { 'rename-command': 'XCLAIM HIDDEN' } });
    try {
      const { said } = await pipeline(renamed.url, 'renamed:');
      expect(said[0]).toBe('Redis: this user may not run XCLAIM, which the Function claim needs; allow it');
    } finally {
      await renamed.stop();
    }
  });
});
