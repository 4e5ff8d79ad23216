import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Evaluator, ExpressionProcess } from '@millrace/expressions';
import { fuzzRuns, waitFor } from '@millrace/testkit';
import fc from 'fast-check';

const LIMITS = { timeoutMs: 100, memoryMb: 64 };
const json = JSON.stringify({ n: 3, text: `${'a'.repeat(60)}b`, list: Array.from({ length: 200 }, (_, n) => ({ n })) });

/** Programs that take more and more: of time, of memory, of both, or next to nothing. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('n', 'text', 'list', '$', '[1..90000]', '$match(text, /^(?=a)(a|aa)+$/)', '$sum(list.n)'),
    tie('expression').map((one) => `(${one} & ${one})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `$append(${a}, ${b})`),
    tie('expression').map((one) => `$map([1..500], function($i) { ${one} })`),
    tie('expression').map((one) => `$distinct($map([1..50000], function($i) { {"i": $i, "x": ${one}} }))`),
    fc
      .tuple(tie('expression'), fc.integer({ min: 1, max: 30 }))
      .map(
        ([one, times]) =>
          `($f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s & $s) }; $f(${times}, $string(${one})))`,
      ),
    fc
      .tuple(tie('expression'), fc.integer({ min: 1, max: 28 }))
      .map(([one, times]) => `$uppercase($pad($string(${one}), $power(2, ${times})))`),
    tie('expression').map((one) => `($f := function($x) { $f([$x, ${one}]) }; $f(n))`),
  ),
}));

describe('a process of expressions', () => {
  let evaluator: Evaluator;
  beforeEach(() => {
    evaluator = new Evaluator(LIMITS);
  });
  afterEach(() => evaluator.close());

  it('gives each job a result or a reason, and its neighbours theirs, whatever it does', async () => {
    const neighbour = { expressions: ['n', 'n + 1'], json };
    await fc.assert(
      fc.asyncProperty(expression, async (written) => {
        const results = await evaluator.run([neighbour, { expressions: [written], json }, neighbour]);
        expect([results[0], results[2]]).toEqual([{ values: ['3', '4'] }, { values: ['3', '4'] }]);
        const [, own] = results;
        expect(own === undefined || 'error' in own ? own?.error : own.values[0]).toEqual(expect.any(String));
      }),
      { numRuns: fuzzRuns(8) },
    );
  }, 120_000);

  it('goes on after an end that nobody asked for, though it was idle', async () => {
    const job = { expressions: ['n'], json };
    expect(await evaluator.run([job])).toEqual([{ values: ['3'] }]);
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    expect(await evaluator.run([job])).toEqual([{ values: ['3'] }]);
  });

  it('is rejected in a sentence where it cannot be started, and when it is closed', async () => {
    const length = () => 1;
    const none = new ExpressionProcess(new URL('file:///nowhere.js'), {
      ...LIMITS,
      jobLength: length,
      resultLength: length,
      programOf: () => '',
    });
    await expect(none.run([1])).rejects.toThrow(/^expressions cannot be evaluated: its process ended with 1/);
    const under = evaluator.run([{ expressions: ['$match(text, /^(?=a)(a|aa)+$/)'], json }]);
    evaluator.close();
    await expect(under).rejects.toThrow('the process of expressions was closed');
    await expect(evaluator.run([{ expressions: ['n'], json }])).rejects.toThrow('closed');
  });

  const itOnLinux = existsSync('/proc/self/stat') ? it : it.skip;
  itOnLinux(
    'ends a process that does not start, once it is closed (needs Linux)',
    async () => {
      const length = () => 1;
      const silent = new ExpressionProcess(new URL('./fixtures/never-ready.mjs', import.meta.url), {
        ...LIMITS,
        jobLength: length,
        resultLength: length,
        programOf: () => '',
      });
      const before = childrenOf(process.pid).length;
      const under = silent.run([1]);
      await waitFor(() => childrenOf(process.pid).length > before, { what: 'the process' });
      silent.close();
      await expect(under).rejects.toThrow('the process of expressions was closed');
    },
    15_000,
  );

  itOnLinux('ends with its parent, though that was killed and it is in a loop (needs Linux)', async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/stuck-parent.mjs', import.meta.url))]);
    const pid = parent.pid as number;
    await waitFor(() => childrenOf(pid).length === 1, { what: 'the process to start', timeoutMs: 30_000 });
    const [child] = childrenOf(pid);
    // It is in its loop when it takes time: 20 ticks are 200 ms.
    await waitFor(() => ticksOf(child as number) > 60, { what: 'the loop', timeoutMs: 30_000 });
    parent.kill('SIGKILL');
    await waitFor(() => !existsSync(`/proc/${child}/stat`), { what: 'the process to end', timeoutMs: 30_000 });
  });
});

const statOf = (pid: number): string[] => {
  try {
    return (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
  } catch {
    return [];
  }
};
const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statOf(pid)[1]) === parent);
const ticksOf = (pid: number): number => Number(statOf(pid)[11]);
