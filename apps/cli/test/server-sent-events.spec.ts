import { serverSentEvents } from '../src/api/server-sent-events.js';

const eventsOf = async (...chunks: readonly string[]) => {
  const events = [];
  for await (const event of serverSentEvents(
    (async function* () {
      yield* chunks;
    })(),
  )) {
    events.push(event);
  }
  return events;
};

describe('server-sent events', () => {
  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('may end their lines with %s, and arrive in pieces of any size', async (_, end) => {
    const lines = [
      ': a comment',
      '',
      'event: snapshot',
      'data: {"a":1}',
      '',
      'data: x',
      'data: y',
      '',
      'id: 7',
      '',
      '',
    ];
    const stream = lines.join(end);
    const expected = [
      { event: 'snapshot', data: '{"a":1}' },
      { event: 'message', data: 'x\ny' },
    ];
    // The one behind shows that the last of them is complete.
    const next = `data: z${end}${end}:${end}`;
    expect(await eventsOf(stream, next)).toEqual([...expected, { event: 'message', data: 'z' }]);
    expect(await eventsOf(...stream, ...next)).toEqual([...expected, { event: 'message', data: 'z' }]);
  });
});
