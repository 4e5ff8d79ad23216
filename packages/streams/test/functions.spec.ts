import { describeOnRealRedis } from '@millrace/testkit';
import { STREAMS_LIBRARY } from '../src/redis/functions/streams-library.js';
import { type FreshRedis, freshRedis } from './fixtures/fresh-redis.js';

// That they write nothing where they fail is tested in packages/operations, together with those of operators.
describeOnRealRedis('the Functions', () => {
  let fresh: FreshRedis;
  freshRedis((one) => {
    fresh = one;
  });

  it('are the same as a script, which a full Redis takes', async () => {
    const { redis } = fresh;
    const answer = await redis.call(
      'EVAL',
      STREAMS_LIBRARY.scriptFor('join').text,
      2,
      'mr:{p0}:in',
      'mr:{p0}:frames',
      'g',
      'join',
    );
    expect(answer).toBe(1);
    expect(await redis.call('XINFO', 'GROUPS', 'mr:{p0}:in')).toHaveLength(1);
  });

  it('have other names in another version', () => {
    const { name } = STREAMS_LIBRARY;
    expect(STREAMS_LIBRARY.isOtherVersion(name)).toBe(false);
    expect(STREAMS_LIBRARY.isOtherVersion('millrace_0123456789ab')).toBe(true);
    // Those of another library of ours, which is looked after by another one.
    expect(STREAMS_LIBRARY.isOtherVersion('millrace_series_0123456789ab')).toBe(false);
  });
});
