import { Unavailable } from '@millrace/streams';
import { type BatchContext, batchHandler, noTracing, type Tracing, traced } from '../../src/index.js';
import { batchOf, delivery, NOTHING } from './settled.js';

describe('traced', () => {
  const told: unknown[] = [];
  beforeEach(() => told.splice(0));
  const call = () => ({ context: { traceparent: '' }, end: () => undefined });
  const tracing: Tracing = {
    ...noTracing(),
    batch: (deliveries, { group }) => {
      told.push(`${group}: ${deliveries.length}`);
      return {
        call,
        settled: (settlement, outcomeOf) => told.push([settlement, deliveries.map((one) => outcomeOf(one)?.kind)]),
        failed: ({ message }) => told.push(message),
      };
    },
  };
  const deliveries = [delivery(1), delivery(2)];
  const outcomes = new Map([[deliveries[1] as (typeof deliveries)[0], { kind: 'forward' as const, to: [] }]]);

  it('hands spans of the batch on, and ends them with what became of it', async () => {
    const { batch } = batchOf(deliveries);
    let seen: BatchContext | undefined;
    const decide = async (_: unknown, context: BatchContext) => {
      seen = context;
      return outcomes;
    };
    await batchHandler(decide, [traced(tracing, { group: 'g' })])(batch);
    expect(seen?.spans?.call).toBe(call);
    expect(told).toEqual(['g: 2', [NOTHING, [undefined, 'forward']]]);
  });

  it('ends them as failed where the batch was not decided, or not settled, and lets the error out', async () => {
    const undecided = batchHandler(() => Promise.reject(new Error('broken')), [traced(tracing, { group: 'g' })]);
    await expect(undecided(batchOf(deliveries).batch)).rejects.toThrow('broken');
    const unsettled = { deliveries, settle: () => Promise.reject(new Unavailable('away')) };
    const handle = batchHandler(async () => outcomes, [traced(tracing, { group: 'g' })]);
    await expect(handle(unsettled)).rejects.toThrow(Unavailable);
    expect(told).toEqual(['g: 2', 'broken', 'g: 2', 'away']);
  });

  it('does nothing where nothing of the batch is sampled', async () => {
    const { batch, asked } = batchOf(deliveries);
    let seen: BatchContext | undefined;
    const decide = async (_: unknown, context: BatchContext) => {
      seen = context;
      return outcomes;
    };
    await batchHandler(decide, [traced(noTracing(), { group: 'g' })])(batch);
    expect([seen, asked.length]).toEqual([{}, 2]);
  });
});
