import { Unavailable } from '@millrace/streams';
import { type BatchMiddleware, batchHandler, reported, type SettledBatch, succeededOf } from '../../src/index.js';
import { batchOf, delivery, NOTHING } from './settled.js';

const one = delivery(1);
const two = delivery(2);
const three = delivery(3);
const four = delivery(4);

describe('a handler of batches', () => {
  it('settles each delivery as it was decided, and acknowledges the others', async () => {
    const { batch, asked } = batchOf([one, two]);
    const cause = new Error('not yet');
    await batchHandler(async () => new Map([[two, { kind: 'retry', cause }]]), [])(batch);
    expect(asked).toEqual([{ kind: 'ack' }, { kind: 'retry', cause }]);
  });

  it('settles nothing where nothing is decided', async () => {
    const { batch, asked } = batchOf([one]);
    await expect(batchHandler(() => Promise.reject(new Unavailable('away')), [])(batch)).rejects.toThrow(Unavailable);
    expect(asked).toEqual([]);
  });

  it('is inside of its middleware, the first of which is the outermost', async () => {
    const steps: string[] = [];
    const named =
      (name: string): BatchMiddleware =>
      (next) =>
      async (batch, context) => {
        steps.push(`${name} before`);
        const settled = await next(batch, context);
        steps.push(`${name} after`);
        return settled;
      };
    const decide = async () => {
      steps.push('decide');
      return new Map();
    };
    await batchHandler(decide, [named('outer'), named('inner')])(batchOf([one]).batch);
    expect(steps).toEqual(['outer before', 'inner before', 'decide', 'inner after', 'outer after']);
  });
});

describe('reported', () => {
  const reports: SettledBatch[] = [];
  beforeEach(() => reports.splice(0));
  const report = (settled: SettledBatch): void => void reports.push(settled);

  it('tells all that want to know what became of a batch', async () => {
    const settlement = { ...NOTHING, dead: [two] };
    const outcomes = new Map([[two, { kind: 'reject' as const, cause: new Error('never') }]]);
    const { batch } = batchOf([one, two], settlement);
    await batchHandler(async () => outcomes, [reported(report, report)])(batch);
    const settled = { deliveries: [one, two], settlement, outcomes };
    expect(reports).toEqual([settled, settled]);
  });

  it('tells nothing of a batch that was not settled', async () => {
    const decide = () => Promise.reject(new Error('broken'));
    await expect(batchHandler(decide, [reported(report)])(batchOf([one]).batch)).rejects.toThrow('broken');
    expect(reports).toEqual([]);
  });
});

it('what succeeded is what neither went back, nor on, nor away', () => {
  const settlement = { stale: [one], parked: [two], dead: [three] };
  const deliveries = [one, two, three, four];
  expect(succeededOf({ deliveries, settlement, outcomes: new Map() })).toEqual([four]);
  expect(succeededOf({ deliveries, settlement: NOTHING, outcomes: new Map() })).toBe(deliveries);
});
