import { fuzzRuns } from '@millrace/testkit';
import * as fc from 'fast-check';
import { byPosition, StreamMerge } from '../../src/topics/stream-merge.js';

interface One {
  readonly position: string;
  readonly bytes: number;
}

const AHEAD_BYTES = 4 * 1024 * 1024;
const streams = fc.array(
  fc.array(fc.record({ ms: fc.integer({ min: 1, max: 50 }), bytes: fc.constantFrom(10, 5000, 1_000_000) }), {
    maxLength: 20,
  }),
  { minLength: 1, maxLength: 40 },
);

it('gives what is in many streams once, in order, and holds little of it', async () => {
  const property = fc.asyncProperty(streams, fc.constantFrom('oldest', 'newest'), async (given, order) => {
    const sign = order === 'newest' ? -1 : 1;
    const all = given.map((ones): One[] =>
      ones
        .map(({ ms, bytes }, n) => ({ position: `${ms}-${n}`, bytes }))
        .sort((a, b) => sign * byPosition(a.position, b.position)),
    );
    let [held, most] = [0, 0];
    const rest = (place: number, after: string | null) =>
      (all[place] as One[]).filter(({ position }) => after === null || sign * byPosition(position, after) > 0);
    const merge = new StreamMerge<One>({
      order,
      after: all.map(() => null),
      positionOf: ({ position }) => position,
      peek: async (place, after) => rest(place, after)[0]?.position,
      read: async (place, after, mostBytes) => {
        const page: One[] = [];
        let bytes = 0;
        for (const one of rest(place, after)) {
          bytes += one.bytes;
          if (page.length > 0 && bytes > mostBytes) break;
          page.push(one);
        }
        held += page.reduce((sum, one) => sum + one.bytes, 0);
        return page;
      },
    });
    const seen: string[] = [];
    for (let found = await merge.next(); found !== undefined; found = await merge.next()) {
      seen.push(`${found.one.position}@${found.place}`);
      held -= found.one.bytes;
      most = Math.max(most, held);
    }
    const wanted = all
      .flatMap((ones, place) => ones.map(({ position }) => ({ position, place })))
      .sort((a, b) => sign * byPosition(a.position, b.position) || a.place - b.place);
    expect(seen).toEqual(wanted.map(({ position, place }) => `${position}@${place}`));
    expect(most).toBeLessThanOrEqual(AHEAD_BYTES);
  });
  await fc.assert(property, { numRuns: fuzzRuns(50) });
});
