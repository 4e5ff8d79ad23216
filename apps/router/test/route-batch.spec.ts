import { parseFile } from '@millrace/definitions';
import { ROUTES, RouteTable, Transformer } from '@millrace/routes';
import type { Delivery, Outcome } from '@millrace/streams';
import { routeBatch } from '../src/route-batch.js';

const tableOf = (...routes: object[]) => new RouteTable(parseFile(ROUTES, JSON.stringify({ routes }), 'test.yaml'));
const route = (name: string, type: string, topics: string[], more: object = {}) => ({
  name,
  pattern: { type: [type] },
  topics,
  ...more,
});

let made = 0;
const delivery = (type: string, more: Partial<Delivery> & { json?: string } = {}): Delivery => {
  made += 1;
  const event = { specversion: '1.0', id: `e${made}`, source: '/s', type, data: { customer: 'ada' } };
  const { json = JSON.stringify(event), ...rest } = more;
  return { event: { type, json }, attempt: 1, position: `${made}-0`, stream: 'in', partition: 0, ...rest };
};

describe('routeBatch', () => {
  const transformer = new Transformer({ timeoutMs: 5000, maxBytes: 100_000, memoryMb: 128 });
  afterAll(() => transformer.close());

  const outcomesOf = async (deliveries: readonly Delivery[], table: RouteTable): Promise<Outcome[]> => {
    const outcomes = await routeBatch(
      { deliveries, settle: () => Promise.reject(new Error('not asked')) },
      table,
      transformer,
    );
    expect([...outcomes.keys()]).toEqual(deliveries);
    return [...outcomes.values()];
  };
  /** Streams that copies go to, and the subject of each; of what goes nowhere, why. */
  const shown = (outcomes: readonly Outcome[]): unknown[] =>
    outcomes.map((outcome) =>
      outcome.kind === 'forward'
        ? outcome.to.map(({ to, event }) => [to, (JSON.parse(event.json) as { subject?: string }).subject])
        : [outcome.kind, 'cause' in outcome ? outcome.cause.message : undefined],
    );

  describe.each([
    ['without transforms', []],
    [
      'with a transform that matches none of them',
      [route('other', 'other', ['other'], { transform: '{ "subject": "x" }' })],
    ],
  ])('%s', (_, others: object[]) => {
    const table = tableOf(route('a', 'a', ['orders', 'audit']), route('also', 'a', ['orders']), ...others);

    it('has an outcome for each: copies to the topics of its routes, once each, or to the unrouted', async () => {
      const [a, b] = [delivery('a'), delivery('b')];
      const outcomes = await outcomesOf([a, b], table);
      expect(shown(outcomes)).toEqual([
        [
          ['topic:orders', undefined],
          ['topic:audit', undefined],
        ],
        [['topic:unrouted', undefined]],
      ]);
      for (const outcome of outcomes) {
        if (outcome.kind === 'forward') for (const { event } of outcome.to) expect([a.event, b.event]).toContain(event);
      }
    });

    it('rejects what is no event, and routes its neighbours', async () => {
      const both = [
        ['topic:orders', undefined],
        ['topic:audit', undefined],
      ];
      const batch = [delivery('a'), delivery('', { json: '' }), delivery('a')];
      const none = ['reject', expect.stringMatching(/is not a CloudEvent/)];
      expect(shown(await outcomesOf(batch, table))).toEqual([both, none, both]);
    });

    it('sends what is routed again nowhere that it came from', async () => {
      const again = delivery('a', { stream: 'topic:orders' });
      expect(shown(await outcomesOf([again], table))).toEqual([[['topic:audit', undefined]]]);
    });
  });

  it('rejects what cannot be decoded where a pattern has to look into it', async () => {
    const table = tableOf({ name: 'of', pattern: { data: { customer: ['ada'] } }, topics: ['of'] });
    expect(shown(await outcomesOf([delivery('a', { json: '{' }), delivery('a')], table))).toEqual([
      ['reject', expect.stringMatching(/^the event cannot be decoded: /)],
      [['topic:of', undefined]],
    ]);
  });

  it('transforms each copy by its own route', async () => {
    const table = tableOf(
      route('plain', 'a', ['plain']),
      route('first', 'a', ['one', 'two'], { transform: '{ "subject": data.customer }' }),
      route('second', 'a', ['three'], { transform: '{ "subject": "fixed" }' }),
    );
    expect(shown(await outcomesOf([delivery('a'), delivery('b')], table))).toEqual([
      [
        ['topic:one', 'ada'],
        ['topic:two', 'ada'],
        ['topic:plain', undefined],
        ['topic:three', 'fixed'],
      ],
      [['topic:unrouted', undefined]],
    ]);
  });

  it('rejects an event with all of its copies where one transform fails, saying which', async () => {
    const table = tableOf(
      route('plain', 'a', ['plain']),
      route('broken', 'a', ['broken'], { transform: '{ "subject": $error("no customer") }' }),
    );
    expect(shown(await outcomesOf([delivery('a'), delivery('b')], table))).toEqual([
      ['reject', expect.stringMatching(/^route "broken": no customer/)],
      [['topic:unrouted', undefined]],
    ]);
  });
});
