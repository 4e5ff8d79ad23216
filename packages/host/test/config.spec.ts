import { addressOf } from '../src/http/address.js';
import {
  BaseConfig,
  ConfigError,
  Duration,
  describeConfig,
  Items,
  loadConfig,
  OneOf,
  Seconds,
  Secret,
  ServedConfig,
} from '../src/index.js';

class TestConfig extends ServedConfig {
  @Duration()
  WINDOW: number = 1000;

  @Seconds()
  SCHEDULE: readonly number[] = [1000];

  @OneOf('a', 'b')
  KIND: string = 'a';

  @Secret('a token')
  TOKEN?: string;

  @Items('even numbers', (text) => (Number(text) % 2 === 0 ? Number(text) : undefined))
  EVEN: readonly number[] = [];
}

const load = (environment: Record<string, string>) => loadConfig(TestConfig, environment);

describe('loadConfig', () => {
  it.each(['sha256:abc', `sha256:${'A'.repeat(64)}`, 'short', `sha256:${'a'.repeat(65)}`])(
    'takes no slip for a key: %s',
    (key) => {
      expect(() => load({ API_KEYS: key })).toThrow(/^API_KEYS must be keys of.*, got a value that is not shown/);
    },
  );

  it('takes the hash of a key for one', () => {
    expect(load({ API_KEYS: `sha256:${'0a'.repeat(32)}` }).API_KEYS).toHaveLength(1);
  });

  it('has defaults for what is missing or empty', () => {
    expect(load({ PORT: '', WINDOW: '' })).toMatchObject({
      PORT: 0,
      WINDOW: 1000,
      KIND: 'a',
      REDIS_URL: 'redis://127.0.0.1:6379',
    });
  });

  it('parses each kind', () => {
    const environment = {
      PORT: '8080',
      WINDOW: '24h',
      SCHEDULE: '5, 0.5',
      KIND: 'b',
      EVEN: '2, 4',
      API_KEYS: `${'k'.repeat(16)}`,
    };
    expect(load(environment)).toMatchObject({
      PORT: 8080,
      WINDOW: 86_400_000,
      SCHEDULE: [5000, 500],
      KIND: 'b',
      EVEN: [2, 4],
      API_KEYS: ['k'.repeat(16)],
    });
  });

  it.each([
    ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, got "65536"'],
    ['PORT', '80x', 'PORT must be a whole number from 0 to 65535, got "80x"'],
    ['PARTITIONS', '0', 'PARTITIONS must be a whole number from 1 to 1024, got "0"'],
    ['WINDOW', '10', 'WINDOW must be a duration like 500ms, 30s, 10m, 24h or 7d, got "10"'],
    ['SCHEDULE', '1,,2', 'SCHEDULE must be seconds, separated by commas, got "1,,2"'],
    ['KIND', 'c', 'KIND must be one of a, b, got "c"'],
    ['EVEN', '2,3', 'EVEN must be even numbers, separated by commas, got "2,3"'],
    ['KEY_PREFIX', 'a b', /^KEY_PREFIX must be at most 64.*, got "a b"/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of fatal, error.*, got "loud"/],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => load({ [name]: value })).toThrow(ConfigError);
    expect(() => load({ [name]: value })).toThrow(message);
  });

  it.each(['rediss://a', 'redis+sentinel://a:1,b:2/name', 'redis+cluster://a:1,b:2'])('takes REDIS_URL=%s', (url) => {
    expect(load({ REDIS_URL: url }).REDIS_URL).toBe(url);
  });

  it.each(['redis+sentinel://a', 'redis+cluster://a/1', 'redis://a,b'])('refuses REDIS_URL=%s', (url) => {
    expect(() => load({ REDIS_URL: url })).toThrow(/^REDIS_URL must be redis:\/\/.*, got a value that is not shown/);
  });

  it('never shows a secret, nor a URL, which may hold one', () => {
    for (const [name, value] of [
      ['REDIS_URL', 'http://user:hunter2@host'],
      ['API_KEYS', 'hunter2'],
    ]) {
      expect(() => load({ [name as string]: value as string })).toThrow(/a value that is not shown/);
    }
    const described = JSON.stringify(describeConfig(load({ TOKEN: 'hunter2', REDIS_URL: 'redis://:hunter2@host' })));
    expect(described).not.toContain('hunter2');
    expect(described).toContain('"TOKEN":"(set)"');
  });
});

describe('addressOf', () => {
  const of = (rest: Partial<TestConfig>) => addressOf(Object.assign(new TestConfig(), rest));

  it.each<[Partial<TestConfig>, string]>([
    [{}, '127.0.0.1'],
    [{ HOST: '::1' }, '::1'],
    [{ AUTH: 'off' }, '0.0.0.0'],
    [{ AUTH: 'stored' }, '0.0.0.0'],
    [{ API_KEYS: ['k'] }, '0.0.0.0'],
    [{ API_KEYS: ['k'], HOST: '10.0.0.1' }, '10.0.0.1'],
    [{ AUTH: 'off', HOST: '10.0.0.1' }, '10.0.0.1'],
  ])('%j listens on %s', (config, address) => {
    expect(of(config)).toBe(address);
  });

  it('keeps an open process on loopback', () => {
    expect(() => of({ HOST: '0.0.0.0' })).toThrow(
      /^HOST must be a loopback address while API_KEYS is not set.*, got "0.0.0.0"/,
    );
  });

  it('leaves alone what only probes reach', () => {
    expect(addressOf(new BaseConfig())).toBe('0.0.0.0');
  });
});
