import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { Isolation, type Verdict } from '../src/failures/isolation.js';

const errorOf = (code: string): Error => Object.assign(new Error('refused'), { code, severity: 'ERROR' });
const CODES = ['22P02', 'P0001', '21000', '42501', '57014', '53100', '40001'];

/** A table that takes all but these rows, each with its code; what it was given, in order, and in how many statements. */
const table = (bad: ReadonlyMap<number, string>, verdict: Verdict, isDown = false, patience = 1) => {
  const landed: number[] = [];
  let statements = 0;
  const isolation = new Isolation<number>({
    attempt: async (rows) => {
      statements += 1;
      const first = rows.find((row) => bad.has(row) || isDown);
      if (first !== undefined) return errorOf(bad.get(first) ?? '25006');
      return landed.push(...rows);
    },
    judge: async () => verdict,
    isOver: false,
    patience,
  });
  return { isolation, landed, statements: () => statements };
};

describe('Isolation', () => {
  const rows = fc.array(fc.option(fc.constantFrom(...CODES), { freq: 3 }), { maxLength: 200 });

  it.each(['writable', 'unknown'] as const)(
    'has every good row land, in order, and every bad one alone, where it is %s',
    async (verdict) => {
      await fc.assert(
        fc.asyncProperty(rows, async (codes) => {
          const bad = new Map(codes.flatMap((code, n) => (code === null ? [] : [[n, code] as const])));
          const { isolation, landed } = table(bad, verdict);
          await isolation.write(codes.map((_, n) => n));
          expect(landed).toEqual(codes.flatMap((code, n) => (code === null ? [n] : [])));
          expect(isolation.alone.map(({ row }) => row)).toEqual([...bad.keys()]);
          expect(isolation.undecided).toEqual([]);
        }),
        { numRuns: fuzzRuns(200) },
      );
    },
  );

  it('loses no row where it is taken for an outage', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (codes) => {
        const bad = new Map(codes.flatMap((code, n) => (code === null ? [] : [[n, code] as const])));
        const { isolation, landed } = table(bad, 'outage');
        await isolation.write(codes.map((_, n) => n));
        const all = [...landed, ...isolation.alone.map(({ row }) => row), ...isolation.undecided];
        expect(all.sort((a, b) => a - b)).toEqual(codes.map((_, n) => n));
        expect(isolation.alone.every(({ row }) => bad.has(row))).toBe(true);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('finds one bad row of 500 in 26 statements', async () => {
    for (const code of CODES) {
      const { isolation, statements } = table(new Map([[377, code]]), 'unknown');
      await isolation.write(Array.from({ length: 500 }, (_, n) => n));
      expect(isolation.alone).toMatchObject([{ row: 377 }]);
      expect(statements()).toBeLessThanOrEqual(26);
    }
  });

  it.each([1, 1024])(
    'finds out a server’s outage of 500 rows in 9 statements, with a patience of %d',
    async (patience) => {
      const { isolation, statements } = table(new Map(), 'outage', true, patience);
      await isolation.write(Array.from({ length: 500 }, (_, n) => n));
      expect(statements()).toBe(9);
      expect([isolation.alone.length, isolation.undecided.length]).toEqual([8, 492]);
      expect(isolation.outage).toMatchObject({ code: '25006' });
    },
  );

  it('takes no row for the only bad one where the table went away meanwhile', async () => {
    const isolation: Isolation<number> = new Isolation<number>({
      attempt: async (rows) => {
        if (rows.includes(3) && rows.length === 1) isolation.stop(new Error('no such table'));
        return errorOf('P0001');
      },
      judge: async () => 'unknown',
      isOver: false,
      patience: 1,
    });
    await isolation.write([0, 1, 2, 3, 4, 5]);
    expect(isolation.alone.map(({ row }) => row)).toEqual([0, 1, 2]);
    expect(isolation.undecided).toEqual([3, 4, 5]);
    expect(isolation.isWritableBut(errorOf('P0001'))).toBe(false);
  });
});
