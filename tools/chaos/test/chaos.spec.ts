import { describeOnRealRedis } from '@millrace/testkit';
import { reportOf } from '../src/examine/report.js';
import { runChaos } from '../src/run.js';

describeOnRealRedis('half a minute of faults', () => {
  it('loses nothing, duplicates nothing and leaves nothing behind', async () => {
    const signal = new AbortController().signal;
    const result = await runChaos({ seed: 7, lengthMs: 30_000, signal, tell: () => undefined });
    expect(result.faults.length).toBeGreaterThanOrEqual(6);
    expect(result.sent.accepted).toBeGreaterThan(300);
    const wrong = result.findings.filter(({ ok }) => !ok);
    // The whole report, so that a run that fails says what it found, and its seed.
    expect(wrong.length === 0 ? '' : reportOf(result, 'npm run chaos -- --minutes 0.5 --seed 7')).toBe('');
  }, 300_000);

  it('does so on a Redis Cluster too', async () => {
    const signal = new AbortController().signal;
    const result = await runChaos({ seed: 7, lengthMs: 30_000, onCluster: true, signal, tell: () => undefined });
    const wrong = result.findings.filter(({ ok }) => !ok);
    expect(wrong.length === 0 ? '' : reportOf(result, 'npm run chaos -- --minutes 0.5 --seed 7 --cluster')).toBe('');
  }, 300_000);
});
