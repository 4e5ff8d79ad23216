import { describeOnRealRedis } from '@millrace/testkit';
import { attack } from '../src/hostile.js';
import { measure } from '../src/measure.js';
import { COSTLY } from '../src/requests.js';
import { Stack, TARGETS } from '../src/stack.js';
import { store } from '../src/stored.js';

const HEAP = 256;
const SEED = 7;
const MINUTES = 1;
const MOST_ANSWERED = 6 * 1024 * 1024;
/** What is listed of a request's events is about as long as the request. */
const BEYOND_ASKED = 64 * 1024;

const describeOnLinux = process.platform === 'linux' ? describeOnRealRedis : describe.skip;

describeOnLinux('gateway, router and console with heaps of 256 MB (needs Linux)', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start(HEAP);
    await store(stack.transport);
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  it('answer the costliest request of each kind in bounded bytes', async () => {
    for (const [n, costly] of COSTLY.entries()) {
      for (const figure of await measure(stack, costly, SEED + n)) {
        const { name, process, status, bytes, sent } = figure;
        const most = costly.key === 'publish' ? Math.min(MOST_ANSWERED, sent * 3 + BEYOND_ASKED) : MOST_ANSWERED;
        expect([name, process, bytes <= most]).toEqual([name, process, true]);
        if (process === costly.to) expect([name, status > 0 && status < 500]).toEqual([name, true]);
      }
      expect(stack.deaths).toEqual([]);
    }
  }, 300_000);

  // Whatever ends a process is in its obituary, with the seed in the name of this test.
  it(`survive a hostile client for ${MINUTES} minutes, seed ${SEED}, and are well behind it`, async () => {
    const { requests, connections, answers } = await attack(stack, SEED, MINUTES * 60_000);
    expect(stack.deaths).toEqual([]);
    expect(requests).toBeGreaterThan(50);
    expect(connections).toBeGreaterThan(20);
    expect(answers.get(500) ?? 0).toBe(0);
    for (const target of TARGETS) {
      const response = await fetch(`${stack.urlOf(target)}/health/ready`);
      expect([target, response.status]).toEqual([target, 200]);
    }
  }, 300_000);
});
