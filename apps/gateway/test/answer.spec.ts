import type { EventResult } from '@millrace/admin-api';
import { problem } from '@millrace/host';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { LISTED_BEYOND_REQUEST, Tally } from '../src/events/answer.js';

const rejected = (index: number, error = problem('not-json', 400, 'no')): EventResult => ({
  index,
  status: 'rejected',
  error,
});
const bytesOf = (tally: Tally): number => Buffer.byteLength(JSON.stringify(tally.answer().body));

describe('what an answer takes', () => {
  it('grows with the request, whatever is rejected, and counts what it does not list', () => {
    const one = fc.record({
      bytes: fc.integer({ min: 1, max: 3000 }),
      detail: fc.string({ maxLength: 200, unit: 'binary' }),
      count: fc.integer({ min: 1, max: 400 }),
      isRefusal: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (parts) => {
        const tally = new Tally();
        for (const { bytes, detail, count, isRefusal } of parts) {
          tally.received(bytes);
          const error = problem('not-json', 400, detail);
          if (isRefusal) tally.refuse(count, error);
          else tally.add(Array.from({ length: count }, (_, i) => rejected(tally.total + i, error)));
        }
        const sum = (of: 'bytes' | 'count') => parts.reduce((total, part) => total + part[of], 0);
        const { results, unlisted = 0 } = tally.answer().body;
        expect(results.length + unlisted).toBe(sum('count'));
        // Its own problem, why the rest was refused, and the counts.
        expect(bytesOf(tally)).toBeLessThanOrEqual(sum('bytes') + LISTED_BEYOND_REQUEST + 4000);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('lists every event that was good and has to be sent again', () => {
    const tally = new Tally();
    tally.add(Array.from({ length: 9000 }, (_, i) => rejected(i)));
    tally.add(Array.from({ length: 500 }, (_, i) => rejected(9000 + i, problem('unavailable', 503, 'away'))));
    const { results } = tally.answer().body;
    expect(results.filter(({ index }) => index >= 9000)).toHaveLength(500);
  });

  it('says from where on nothing was read', () => {
    const tally = new Tally();
    tally.add([rejected(0), { index: 1, id: 'a', status: 'accepted', streamId: '1-0' }]);
    tally.refuse(3, problem('rate-limited', 429, 'later'));
    tally.refuse(2, problem('rate-limited', 429, 'later'));
    expect(tally.answer()).toMatchObject({
      status: 202,
      body: { rejected: 6, refused: { from: 2, error: { status: 429 } } },
    });
  });
});
