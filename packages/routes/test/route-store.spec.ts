import { DefinitionMissing, VersionConflict } from '@millrace/definitions';
import { Decisions, RouteError, RouteStore, RouteTable } from '@millrace/routes';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis } from '@millrace/testkit';

const route = (name: string, topic: string) => ({ name, pattern: { type: [name] }, topics: [topic] });
const text = (name: string, topic: string) => JSON.stringify(route(name, topic));
const by = { who: 'anna' };

describe('the stored routes', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let store: RouteStore;

  beforeEach(async () => {
    server = await startRedis();
    transport = new RedisTransport({ url: server.url });
    store = new RouteStore(transport);
  });
  afterEach(async () => {
    await transport.close();
    await server.stop();
  });

  const topics = async () =>
    Object.fromEntries((await store.read()).definitions.map(({ name, topics: of }) => [name, of[0]]));

  it('are at version 0 before anything was changed', async () => {
    expect(await store.read()).toEqual({ version: 0, definitions: [], invalid: [] });
  });

  it('have a version for each change, and a record of who, what, before and after', async () => {
    expect(await store.put([route('a', 'one')], by)).toBe(1);
    expect(await store.put([route('a', 'two')], { who: 'bert' })).toBe(2);
    expect(await store.delete('a', by)).toBe(3);
    expect(await topics()).toEqual({});
    expect(await store.records(10)).toMatchObject([
      { version: 3, who: 'anna', action: 'delete', changes: [{ field: 'a', before: text('a', 'two'), after: null }] },
      { version: 2, who: 'bert', action: 'put', changes: [{ before: text('a', 'one'), after: text('a', 'two') }] },
      { version: 1, who: 'anna', action: 'put', changes: [{ before: null, after: text('a', 'one') }] },
    ]);
    expect((await store.records(1, 3)).map(({ version }) => version)).toEqual([2]);
  });

  it('refuse what is no route, and what is not there', async () => {
    expect(() => store.put([{ name: 'a', pattern: {}, topics: ['t'] }], by)).toThrow(RouteError);
    await expect(store.delete('nobody', by)).rejects.toThrow(
      new DefinitionMissing('route "nobody" not found in Redis'),
    );
    await expect(store.promote('nobody', by)).rejects.toThrow(/Draft "nobody" not found/);
    expect(await store.version()).toBe(0);
  });

  it('refuse a change that was made for another version', async () => {
    await store.put([route('a', 'one')], by);
    await expect(store.put([route('a', 'two')], { ...by, expected: 0 })).rejects.toThrow(VersionConflict);
    expect(await store.put([route('a', 'two')], { ...by, expected: 1 })).toBe(2);
  });

  it('take changes of many at once, one after the other', async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, (_, n) => store.put([route(`r${n}`, 't')], by)));
    expect([...versions].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await store.read()).definitions).toHaveLength(8);
  });

  it('keep drafts apart until they are promoted', async () => {
    await store.put([route('a', 'one')], by);
    await store.draft(route('a', 'two'));
    expect(await topics()).toEqual({ a: 'one' });
    expect([...(await store.drafts())]).toEqual([['a', route('a', 'two')]]);
    expect(await store.promote('a', by)).toBe(2);
    expect(await topics()).toEqual({ a: 'two' });
    expect((await store.drafts()).size).toBe(0);
    await store.draft(route('b', 'x'));
    await store.dropDraft('b');
    expect((await store.drafts()).size).toBe(0);
  });

  it('go back to what they were, as a new version', async () => {
    await store.put([route('a', 'one')], by);
    await store.put([route('b', 'one')], by);
    await store.put([route('a', 'two')], by);
    await store.delete('b', by);
    expect(await store.rollback(2, by)).toBe(5);
    expect(await topics()).toEqual({ a: 'one', b: 'one' });
    expect(await store.rollback(4, by)).toBe(6);
    expect(await topics()).toEqual({ a: 'two' });
    expect(await store.rollback(0, by)).toBe(7);
    expect(await topics()).toEqual({});
    await expect(store.rollback(0, by)).rejects.toThrow(/everything is as at version 0/);
    await expect(store.rollback(99, by)).rejects.toThrow(/there is no version 99; versions are 0 to 7/);
  });

  it('do not go back where somebody changed them by hand', async () => {
    await store.put([route('a', 'one')], by);
    await transport.connections.connect('test').incr('mr:{ctl}:routes:version');
    await expect(store.rollback(0, by)).rejects.toThrow(/no longer retained/);
  });

  it('leave out what is no route, and tell of it', async () => {
    const redis = transport.connections.connect('test');
    await redis.hset(
      'mr:{ctl}:routes',
      'bad',
      '{"pattern":',
      'worse',
      '{"topics":["t"]}',
      'good',
      JSON.stringify(route('good', 't')),
    );
    const { definitions, invalid } = await store.read();
    expect(definitions.map(({ name }) => name)).toEqual(['good']);
    expect(invalid.map(({ error }) => error.message)).toEqual([
      'Redis: route "bad": not JSON',
      'route "worse": pattern is missing',
    ]);
  });

  it('tell which of them decided at a time', async () => {
    const decisions = new Decisions(transport);
    expect(await decisions.at(0, Date.now())).toBeUndefined();
    const decider = { version: 3, digest: new RouteTable([]).digest };
    await decisions.record(0, decider);
    expect(await decisions.at(0, Date.now() + 1000)).toEqual(decider);
    expect(await decisions.at(0, Date.now() - 60_000)).toBeUndefined();
    expect(await decisions.at(1, Date.now() + 1000)).toBeUndefined();
  });
});
