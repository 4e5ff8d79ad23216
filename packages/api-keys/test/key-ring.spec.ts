import { createHash } from 'node:crypto';
import { Audit } from '@millrace/definitions';
import { Unavailable } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { type RedisServer, startRedis, TcpProxy, waitFor } from '@millrace/testkit';
import { KeyRing, type KeyRingOptions } from '../src/key-ring.js';
import { KeyStore } from '../src/key-store.js';

const PLAIN = 'a-key-of-sixteen-characters';
const by = { who: 'a' };
const DAY_MS = 86_400_000;

let redis: RedisServer;
let transport: RedisTransport;
let store: KeyStore;
let ring: KeyRing;
const notices: string[] = [];
const note = (notice: string) => void notices.push(notice);
const log = { debug: () => undefined, info: note, warn: note, error: note };
let prefixes = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const ringOf = (options: Partial<KeyRingOptions> = {}): KeyRing =>
  new KeyRing({ asks: true, environment: [], store, log, ...options });

beforeEach(() => {
  notices.length = 0;
  transport = new RedisTransport({ url: redis.url, keyPrefix: `keys${prefixes++}:` });
  store = new KeyStore(transport);
  ring = ringOf();
});
afterEach(async () => {
  ring.stop();
  await transport.close();
});

describe('keys of the environment', () => {
  const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

  it('let in whoever has one, by itself or by its hash, under one name', () => {
    const plain = ringOf({ environment: [{ key: PLAIN, scopes: ['publish'] }] }).identify(PLAIN);
    const hashed = ringOf({ environment: [{ key: sha256(PLAIN), scopes: ['publish'] }] }).identify(PLAIN);
    expect(hashed).toMatchObject({ id: plain.id, scopes: ['publish'] });
    expect(plain.id).toMatch(/^[\w-]{12}$/);
  });

  it('do not let in who has only the hash', () => {
    ring = ringOf({ environment: [{ key: sha256(PLAIN), scopes: ['admin'] }] });
    expect(() => ring.identify(sha256(PLAIN))).toThrow('Unknown API key');
  });

  it('may do what the last of several says', () => {
    const environment = [
      { key: PLAIN, scopes: ['read' as const] },
      { key: PLAIN, scopes: ['admin' as const] },
    ];
    expect(ringOf({ environment }).identify(PLAIN).role).toBe('admin');
  });
});

describe('keys in Redis', () => {
  it('let in whoever has the token, and nobody with half of it', async () => {
    const { token } = await store.create('shop', { scopes: ['publish'] }, by);
    await ring.start();
    expect(token).toMatch(/^mr_[a-z2-9]{10}_[\w-]{43}$/);
    expect(ring.identify(token)).toMatchObject({ name: 'shop', scopes: ['publish'], role: undefined });
    const other = (await store.create('other', { scopes: ['admin'] }, by)).token;
    await ring.look();
    const mixed = token.slice(0, 14) + other.slice(14);
    for (const wrong of [mixed, token.slice(0, -1), `${token}x`, token.replace('mr_', 'mr-'), 'mr_', '']) {
      expect(() => ring.identify(wrong)).toThrow('Unknown API key');
    }
    expect(() => ring.identify(undefined)).toThrow(/Send an API key/);
  });

  it('are in Redis as hashes alone', async () => {
    const { token } = await store.create('shop', { scopes: ['publish'] }, by);
    const { token: second } = (await store.rotate('shop', DAY_MS, by)) ?? { token: '' };
    const client = transport.connections.connect('look');
    const key = (name: string) => transport.keys.control(name);
    const stored = [await client.hgetall(key('keys')), await client.xrange(key('keys:history'), '-', '+')];
    const audited = await new Audit(transport).newest(10);
    for (const secret of [token.slice(14), second.slice(14)]) {
      expect(secret).toHaveLength(43);
      expect(JSON.stringify([stored, audited])).not.toContain(secret);
    }
    expect(audited.map(({ action, detail }) => [action, detail])).toEqual([
      ['rotate keys', { version: 2, changed: ['shop'] }],
      ['create keys', { version: 1, changed: ['shop'] }],
    ]);
  });

  it('go on with the old secret until the grace is over', async () => {
    const { token, key } = await store.create('shop', { scopes: ['publish'] }, by);
    const rotated = await store.rotate('shop', DAY_MS, by);
    await ring.start();
    const now = Date.now();
    expect(ring.identify(rotated?.token).id).toBe(key.id);
    expect(ring.identify(token).id).toBe(key.id);
    expect(() => ring.identify(token, now + DAY_MS + 1000)).toThrow('Unknown API key');
    expect(ring.identify(rotated?.token, now + DAY_MS + 1000).id).toBe(key.id);
    await store.rotate('shop', 0, by);
    await ring.look();
    expect(() => ring.identify(rotated?.token)).toThrow('Unknown API key');
  });

  it('stop when they expire', async () => {
    const { token } = await store.create('shop', { scopes: ['read'], expiresAt: Date.now() + DAY_MS }, by);
    await ring.start();
    expect(ring.identify(token).name).toBe('shop');
    expect(() => ring.identify(token, Date.now() + DAY_MS)).toThrow(/^This API key expired at 20\d\d-/);
  });

  it('stop within two seconds of being revoked, and are others when made again', async () => {
    const { token } = await store.create('shop', { scopes: ['read'] }, by);
    await ring.start();
    ring.identify(token);
    expect(await store.revoke('shop', by)).toBe(2);
    const isKnown = (): boolean => {
      try {
        return ring.identify(token) !== undefined;
      } catch {
        return false;
      }
    };
    await waitFor(() => !isKnown(), { what: 'the key to be out of force' });
    expect((await store.create('shop', { scopes: ['read'] }, by)).token).not.toBe(token);
    expect(notices.at(-1)).toMatch(/every request is refused/);
  });

  it('are still known while Redis is away', async () => {
    const { token } = await store.create('shop', { scopes: ['read'] }, by);
    const proxy = await TcpProxy.to(Number(new URL(redis.url).port));
    const far = new RedisTransport({ url: `redis://127.0.0.1:${proxy.port}`, keyPrefix: transport.keys.prefix });
    ring = ringOf({ store: new KeyStore(far) });
    await ring.start();
    await proxy.refuse();
    await ring.look();
    expect(ring.identify(token).name).toBe('shop');
    await far.close();
  });

  it('are a 503 and no 401 while it is not known which there are; others are told at once', async () => {
    const { token } = await store.create('shop', { scopes: ['read'] }, by);
    const away = new RedisTransport({ url: 'redis://127.0.0.1:1' });
    ring = ringOf({ store: new KeyStore(away), environment: [{ key: PLAIN, scopes: ['read'] }] });
    await ring.start();
    expect(() => ring.identify(token)).toThrow(Unavailable);
    expect(() => ring.identify('a-wrong-key-of-sixteen')).toThrow('Unknown API key');
    expect(ring.identify(PLAIN).may('read')).toBe(true);
    await away.close();
  });

  it('let nobody in where what is stored is no key', async () => {
    const { token } = await store.create('shop', { scopes: ['read'] }, by);
    const client = transport.connections.connect('spoil');
    await client.hset(transport.keys.control('keys'), { shop: '{"id":"x","scopes":["root"],"secrets":[]}', b: '1' });
    await ring.start();
    expect(() => ring.identify(token)).toThrow('Unknown API key');
    expect(notices).toContainEqual(expect.stringMatching(/"shop" is ignored: scopes must be .*, got \["root"\]/));
    expect(await store.revoke('shop', by)).toBe(2);
  });

  it.each([
    ['b c', { scopes: ['read'] }, /is not a valid key name/],
    ['b', { scopes: [] }, /scopes must be a list of publish, read, operate, admin .*, got \[\]/],
    ['b', { scopes: ['root'] }, /scopes/],
    ['b', { scopes: ['publish'], types: [] }, /types must be .*, got \[\]/],
    ['b', { scopes: ['publish'], sources: ['a**b'] }, /sources: "a\*\*b" has "\*\*" at 1/],
    ['b', { scopes: ['publish'], rateLimit: '10' }, /rateLimit must be a limit like 1000\/s.*, got "10"/],
    ['b', { scopes: ['publish'], expiresAt: 5 }, /expiresAt must be in the future/],
    ['b', { scopes: ['publish'], secrets: [] }, /"secrets" is unknown/],
    ['shop', { scopes: ['read'] }, /the key "shop" already exists/],
  ])('are refused: %s %j', async (name, rules, why) => {
    await store.create('shop', { scopes: ['read'] }, by);
    await expect(store.create(name, rules as never, by)).rejects.toThrow(why);
  });
});

it('asks for no key where none is to be asked for, whatever is in Redis', async () => {
  await store.create('shop', { scopes: ['read'] }, by);
  ring = ringOf({ asks: false });
  await ring.start();
  expect(ring.identify(undefined)).toMatchObject({ id: '', name: '', role: 'admin' });
});

it('lets nobody in where there is no key at all', async () => {
  await ring.start();
  expect(() => ring.identify(PLAIN)).toThrow('Unknown API key');
  expect(notices).toEqual([expect.stringMatching(/there are no API keys yet/)]);
});
