import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { EventsInHand } from '../../src/admission/events-in-hand.js';

const MOST = 10;

it('of requests as they come never more events are in hand than may, all are done, and in their order', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ count: fc.nat(12), fails: fc.boolean() })),
      fc.scheduler(),
      async (all, s) => {
        const inHand = new EventsInHand(MOST);
        const begun: number[] = [];
        let [now, requests] = [0, 0];
        const done = all.map(({ count, fails }, n) =>
          inHand.take(count, async () => {
            begun.push(n);
            [now, requests] = [now + count, requests + 1];
            expect(now <= MOST || requests === 1 || now === count).toBe(true);
            await s.schedule(Promise.resolve());
            [now, requests] = [now - count, requests - 1];
            if (fails) throw new Error('failed');
          }),
        );
        const settled = Promise.allSettled(done);
        await s.waitFor(settled);
        expect(begun).toEqual(all.map((_, n) => n));
        expect((await settled).map(({ status }) => status === 'rejected')).toEqual(all.map(({ fails }) => fails));
      },
    ),
    { numRuns: fuzzRuns(200) },
  ));
