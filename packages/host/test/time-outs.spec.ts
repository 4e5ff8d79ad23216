import { ConsumerConfig, contradictions } from '../src/index.js';

const found = (config: Partial<ConsumerConfig>, own?: { name: string; ms: number }) =>
  contradictions(Object.assign(new ConsumerConfig(), config), own).map(
    ({ verdict, detail }) => `${verdict}: ${detail}`,
  );

describe('time-outs', () => {
  it('of the defaults agree', () => {
    expect(found({})).toEqual([]);
    expect(found({}, { name: 'REQUEST_TIMEOUT', ms: 10_000 })).toEqual([]);
  });

  it.each<[Partial<ConsumerConfig>, RegExp]>([
    [{ BATCH_MAX_WAIT_MS: 15_000 }, /^refuse: BATCH_MAX_WAIT_MS is 15000 and CLAIM_AFTER_MS 30000/],
    [{ RETRY_MAX_AGE: 60_000 }, /^warning: RETRY_SCHEDULE takes 156000 ms to MAX_ATTEMPTS, and RETRY_MAX_AGE is 60000/],
    [{ MAX_ATTEMPTS: 1000 }, /^warning: RETRY_SCHEDULE takes/],
  ])('%j contradict each other', (config, why) => {
    expect(found(config)).toEqual([expect.stringMatching(why)]);
  });

  it('of a sink’s own are compared with the others', () => {
    const own = { name: 'STATEMENT_TIMEOUT', ms: 30_000 };
    expect(found({}, own)).toEqual([
      expect.stringMatching(/^warning: STATEMENT_TIMEOUT is 30000 and CLAIM_AFTER_MS 30000/),
      expect.stringMatching(/^warning: STATEMENT_TIMEOUT is 30000 and SHUTDOWN_TIMEOUT 10000/),
    ]);
  });
});
