import { parseRedisUrl, withoutPassword } from '@millrace/streams/redis';

describe('a Redis URL', () => {
  it('names a server', () => {
    expect(parseRedisUrl('redis://127.0.0.1')).toEqual({
      kind: 'server',
      options: { host: '127.0.0.1', port: 6379, db: 0 },
    });
    expect(parseRedisUrl('rediss://me:p%40ss:word@[::1]:7000/2')).toEqual({
      kind: 'server',
      options: { host: '::1', port: 7000, db: 2, username: 'me', password: 'p@ss:word', tls: {} },
    });
  });

  it('names Sentinels, the primary, and the password of either', () => {
    expect(parseRedisUrl('redis+sentinel://:secret@a,b:1/orders/3?sentinelUsername=s&sentinelPassword=t')).toEqual({
      kind: 'sentinel',
      options: {
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 1 },
        ],
        name: 'orders',
        db: 3,
        password: 'secret',
        sentinelUsername: 's',
        sentinelPassword: 't',
      },
    });
    expect(parseRedisUrl('rediss+sentinel://a/orders').options).toMatchObject({
      tls: {},
      sentinelTLS: {},
      enableTLSForSentinelMode: true,
    });
  });

  it('names nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://me:secret@a:7000,b')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      options: { username: 'me', password: 'secret' },
    });
    expect(parseRedisUrl('rediss+cluster://a/').options).toEqual({ tls: {} });
  });

  it.each([
    ['http://a', /^a Redis URL is redis:\/\/host:port/],
    ['redis://a,b', /^a Redis URL is/],
    ['redis://', /^a Redis URL is/],
    ['redis+cluster://a:99999', /^a Redis URL is/],
    ['redis+cluster://a/1', 'a Redis Cluster has only database 0, not "/1"'],
    ['redis+sentinel://a', 'a URL of Sentinels ends in the name of the primary'],
    ['redis://a/x', 'a Redis URL ends in a database number, not "/x"'],
    ['redis+sentinel://a/n/x', 'a Redis URL ends in a database number, not "/x"'],
  ])('%s is none', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(message);
  });

  it('is shown without its passwords', () => {
    expect(withoutPassword('redis://me:p@ss@a:1/0')).toBe('redis://me:***@a:1/0');
    expect(withoutPassword('redis+sentinel://:x@a,b/n?sentinelUsername=u&sentinelPassword=y')).toBe(
      'redis+sentinel://:***@a,b/n?sentinelUsername=u&sentinelPassword=***',
    );
    expect(withoutPassword('redis+cluster://a,b')).toBe('redis+cluster://a,b');
  });
});
