import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { Flag, Keyed, Share } from '../src/config/variables.js';
import {
  ConfigError,
  ConsumerConfig,
  consumerOptions,
  Duration,
  List,
  loadConfig,
  Parsed,
  Percent,
  parseDuration,
  RedisUrl,
  Seconds,
  ServedConfig,
  Text,
  TopicsConfig,
  Url,
  variablesOf,
  Whole,
} from '../src/index.js';

/** What a variable of a kind becomes; undefined where its text is refused. */
const read = (kind: PropertyDecorator, text: string): unknown => {
  class Config {
    VALUE?: unknown;
  }
  kind(Config.prototype, 'VALUE');
  try {
    return loadConfig(Config, { VALUE: text }).VALUE;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
};

describe('a variable', () => {
  it.each<[string, PropertyDecorator, string, unknown]>([
    ['whole, the least', Whole(2, 9), '2', 2],
    ['whole, less', Whole(2, 9), '1', undefined],
    ['whole, the most', Whole(2, 9), '9', 9],
    ['whole, more', Whole(2, 9), '10', undefined],
    ['whole, with zeros', Whole(2, 9), '003', 3],
    ['whole, of 16 digits', Whole(0, Number.MAX_VALUE), '1234567890123456', undefined],
    ['whole, of 15 digits', Whole(0, Number.MAX_VALUE), '123456789012345', 123456789012345],
    ['whole, with a sign', Whole(2, 9), '+3', undefined],
    ['whole, with a fraction', Whole(2, 9), '3.0', undefined],
    ['whole, in hexadecimal digits', Whole(2, 99), '0x3', undefined],
    ['whole, between spaces', Whole(2, 9), ' 3 ', undefined],
    ['percent, none', Percent(90), '0%', 0],
    ['percent, the most', Percent(90), '90%', 0.9],
    ['percent, more', Percent(90), '90.1%', undefined],
    ['percent, a fraction', Percent(90), '12.5%', 0.125],
    ['percent, without the sign', Percent(90), '12', undefined],
    ['percent, below nothing', Percent(90), '-1%', undefined],
    ['share, none', Share(), '0', 0],
    ['share, all', Share(), '1', 1],
    ['share, all with zeros', Share(), '1.00', 1],
    ['share, more', Share(), '1.01', undefined],
    ['share, a part', Share(), '0.25', 0.25],
    ['share, a part without a zero', Share(), '.25', 0.25],
    ['share, two', Share(), '2', undefined],
    ['flag, yes', Flag(), 'TRUE', true],
    ['flag, no', Flag(), 'false', false],
    ['flag, neither', Flag(), '1', undefined],
    ['flag, a name that every object has', Flag(), 'constructor', undefined],
    ['seconds', Seconds(), '0, 1.5 ,30', [0, 1500, 30_000]],
    ['seconds, of one kind with a gap', Seconds(), '1,', undefined],
    ['seconds, below nothing', Seconds(), '1,-1', undefined],
    ['seconds, without end', Seconds(), 'Infinity', undefined],
    ['text', Text(), 'a', 'a'],
    ['text of a form', Text('x', /^x+$/), 'xx', 'xx'],
    ['text of another form', Text('x', /^x+$/), 'xy', undefined],
    ['url', Url('http', 'https'), 'https://a/b', 'https://a/b'],
    ['url of another scheme', Url('http', 'https'), 'ftp://a/b', undefined],
    ['url that is none', Url('http'), 'http://', undefined],
    ['url in the middle', Url('http'), 'x http://a', undefined],
    ['redis', RedisUrl(), 'redis://a:1', 'redis://a:1'],
    ['redis that is none', RedisUrl(), 'http://a', undefined],
    ['list', List('x', /^x+$/), 'x, xx ,x', ['x', 'xx', 'x']],
    ['list with a gap', List('x', /^x+$/), 'x,,x', undefined],
    ['what parse makes of it', Parsed('x', (text) => text.length), 'four', 4],
    ['what parse makes nothing of', Parsed('x', () => undefined), 'four', undefined],
    ['names and values', Keyed('x'), 'a=1, b = 2%2C3 ,c=', { a: '1', b: '2,3', c: '' }],
    ['names and values, one without a name', Keyed('x'), 'a=1,=2', undefined],
    ['names and values, one without a value', Keyed('x'), 'a=1,b', undefined],
    ['names and values, with a sign that encodes nothing', Keyed('x'), 'a=%', undefined],
  ])('%s', (_, kind, text, value) => {
    expect(read(kind, text)).toEqual(value);
  });

  it('is secret where it may hold one', () => {
    class Config {
      @Url('http') URL?: string;
      @RedisUrl() REDIS?: string;
      @List('x', /x/, true) KEYS?: string[];
      @List('x', /x/) NAMES?: string[];
      @Keyed('x', true) HEADERS?: object;
      @Whole(0, 1) COUNT?: number;
    }
    const secrets = [...variablesOf(Config)].filter(([, { secret }]) => secret).map(([name]) => name);
    expect(secrets).toEqual(['URL', 'REDIS', 'KEYS', 'HEADERS']);
  });

  it('of a class is not one of its parent’s', () => {
    const names = (type: abstract new () => object) => [...variablesOf(type).keys()];
    expect(names(TopicsConfig)).toEqual([...names(ConsumerConfig), 'TOPICS', 'ORDER']);
    expect(names(ConsumerConfig)).not.toContain('TOPICS');
    expect(names(ServedConfig)).not.toContain('GROUP');
  });
});

describe('a duration', () => {
  const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000, y: 365 * 24 * 3_600_000 };

  it('is a whole number of a unit', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.constantFrom(...Object.keys(MS)), (n, unit) => {
        expect(parseDuration(`${n}${unit}`)).toBe(n * MS[unit as keyof typeof MS]);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it.each(['', '1', 's', '1 s', '-1s', '1.5s', '1S', '1w', '1s ', '1000000000s', '1ss'])('is not "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(read(Duration(), text === '' ? '0' : text)).toBeUndefined();
  });
});

describe('an environment', () => {
  it.each<[string, string, unknown]>([
    ['KEY_PREFIX', `${'a'.repeat(64)}`, 'a'.repeat(64)],
    ['KEY_PREFIX', `${'a'.repeat(65)}`, undefined],
    ['PARTITIONS', '1024', 1024],
    ['PARTITIONS', '1025', undefined],
    ['MEMORY_RESERVE', '90%', 0.9],
    ['FRAME_MAX_EVENTS', '500', 500],
    ['FRAME_MAX_EVENTS', '501', undefined],
    ['HEALTH_PORT', '0', undefined],
    ['HOST', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['HOST', 'a b', undefined],
    ['CLIENT_TIMEOUT', '0s', 0],
    ['BATCH_MAX_SIZE', '10000', 10_000],
    ['BATCH_MAX_SIZE', '10001', undefined],
    ['BATCH_MAX_WAIT_MS', '60001', undefined],
    ['CLAIM_AFTER_MS', '99', undefined],
    ['CLAIM_AFTER_MS', '100', 100],
    ['MAX_ATTEMPTS', '0', undefined],
    ['MAX_ATTEMPTS', '1001', undefined],
    ['GROUP', '-a', undefined],
    ['GROUP', 'a.b_c-d', 'a.b_c-d'],
    ['TOPICS', 'a,*', ['a', '*']],
    ['TOPICS', '**', undefined],
    ['ORDER', 'fifo', 'fifo'],
    ['ORDER', 'lifo', undefined],
  ])('%s=%s', (name, text, value) => {
    const load = () => loadConfig(TopicsConfig, { [name]: text })[name as keyof TopicsConfig];
    if (value === undefined) expect(load).toThrow(new RegExp(`^${name} must be .+, got "`));
    else expect(load()).toEqual(value);
  });

  it('says how streams are read', () => {
    const environment = { CONSUMER_NAME: 'me', BATCH_MAX_SIZE: '7', BATCH_MAX_WAIT_MS: '8', CLAIM_AFTER_MS: '900' };
    const more = { MAX_ATTEMPTS: '3', RETRY_SCHEDULE: '1,2', RETRY_MAX_AGE: '1m' };
    const { retryDelayMs, ...options } = consumerOptions(loadConfig(ConsumerConfig, { ...environment, ...more }));
    expect(options).toEqual({
      name: 'me',
      maxBatch: 7,
      maxWaitMs: 8,
      claimAfterMs: 900,
      maxAttempts: 3,
      maxRetryAgeMs: 60_000,
    });
    // Spread by up to a tenth, so that what failed together is not tried together.
    expect([1, 2, 3].map((attempt) => Math.round((retryDelayMs?.(attempt) ?? 0) / 1000))).toEqual([1, 2, 2]);
  });

  it('asks for keys where there are some, or are to be', () => {
    const asks = (environment: Record<string, string>) => loadConfig(ServedConfig, environment).asksForKeys;
    expect([asks({}), asks({ AUTH: 'off' })]).toEqual([false, false]);
    expect([asks({ AUTH: 'stored' }), asks({ API_KEYS: 'k'.repeat(16) })]).toEqual([true, true]);
  });
});
