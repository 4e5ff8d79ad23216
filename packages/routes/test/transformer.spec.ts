import { parseRoute, Transformer } from '@millrace/routes';
import { PermanentError, Unavailable } from '@millrace/streams';

const event = (more: object = {}): string =>
  JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 'order.paid', ...more });

describe('a transform', () => {
  // One for all: to start its process takes longer than most of the tests.
  const transformer = new Transformer({ timeoutMs: 400, memoryMb: 128, maxBytes: 10_000 });
  afterAll(() => transformer.close());

  const run = async (expression: string, json = event({ data: { amount: 5, customer: 'c1' } })) => {
    const [result] = await transformer.run([{ expression, json }]);
    return result as { type: string; json: string } | PermanentError;
  };
  const changed = async (expression: string, json?: string): Promise<Record<string, unknown>> => {
    const result = await run(expression, json);
    if (result instanceof Error) throw result;
    return JSON.parse(result.json) as Record<string, unknown>;
  };

  it('sets attributes, the subject, the partition key and data, and leaves the rest as it was', async () => {
    expect(
      await changed('{ "subject": data.customer, "partitionkey": "k", "region": "eu", "data": { "n": data.amount } }'),
    ).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 'order.paid',
      subject: 'c1',
      partitionkey: 'k',
      region: 'eu',
      data: { n: 5 },
    });
  });

  it('may set the type, which is then that of the entry', async () => {
    expect(await run('{ "type": "invoice.due" }')).toMatchObject({ type: 'invoice.due' });
  });

  it('does not touch what it does not name: long numbers, spaces, the order of members', async () => {
    const json = '{"specversion":"1.0","id":"1","source":"/s","type":"t","data": {"n":12345678901234567890}}';
    const result = await run('{ "subject": "x" }', json);
    expect((result as { json: string }).json).toContain('"data": {"n":12345678901234567890}');
  });

  it('takes a member away by null, and leaves the event alone where it gives nothing', async () => {
    const json = event({ subject: 's', region: 'eu' });
    expect(await changed('{ "region": null }', json)).not.toHaveProperty('region');
    expect(await run('data.nothing', json)).toEqual({ type: 'order.paid', json });
  });

  it.each([
    ['data.amount', /the result must be an object of members to set, got a number of: data.amount/],
    ['[1,2]', /the result must be an object of members to set, got an array/],
    ['{ "id": "2" }', /id cannot be set: it says which event it is/],
    ['{ "type": "" }', /type is empty/],
    ['{ "time": "yesterday" }', /time must be an RFC 3339 time .*, got "yesterday"/],
    ['{ "Region": "eu" }', /"Region" is not a valid attribute name/],
    ['{ "data": $error("no such order") }', /no such order at character \d+ of: /],
    ['{ "data": data.customer + 1 }', /left side of the "\+" operator must evaluate to a number at character \d+ of: /],
    ['{ "data": /ab/ }', /the result has a function, which JSON does not have/],
    ['{ "data": $pad("x", 20000) }', /the event would have \d+ bytes; the limit is 10000/],
  ])('%s is refused', async (expression, message) => {
    const result = await run(expression);
    expect(result).toBeInstanceOf(PermanentError);
    expect((result as Error).message).toMatch(message);
  });

  it.each([
    ['an endless recursion', '($f := function($n) { $f($n + 1) }; { "data": $f(0) })'],
    ['a deep one', '($f := function($n) { 1 + $f($n + 1) }; { "data": $f(0) })'],
    [
      'a regular expression that RE2 does not have, and that never ends',
      '{ "data": $match(data.customer, /^(?=a)(a|aa)+$/) }',
    ],
    ['a list that is too long', '{ "data": [1..9999999] }'],
    [
      'a string that is doubled, which aborts the process',
      '($f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s & $s) }; { "data": $uppercase($f(27, "ab")) })',
    ],
    ['memory', '{ "data": $reduce([1..90000], function($a, $i) { $a & $a & "xxxxxxxx" }, "x") }'],
  ])('that wants too much (%s) is given up, and its neighbours are not', async (_, expression) => {
    const json = event({ data: { customer: `${'a'.repeat(60)}b`, amount: 1 } });
    const good = { expression: '{ "subject": "ok" }', json };
    const results = await transformer.run([good, { expression, json }, good]);
    expect(results.map((result) => result instanceof Error)).toEqual([false, true, false]);
    expect(await changed('{ "subject": "later" }')).toMatchObject({ subject: 'later' });
  });

  it('takes more events than a process has room for', async () => {
    const large = new Transformer({ timeoutMs: 5000, memoryMb: 128, maxBytes: 10_000_000 });
    const json = event({ data: { text: 'x'.repeat(900_000) } });
    const results = await large.run(Array.from({ length: 200 }, () => ({ expression: '{ "subject": "s" }', json })));
    expect(results.every((result) => !(result instanceof Error))).toBe(true);
    await large.close();
  });

  it('that ends its process again and again is put off, and holds up no neighbour', async () => {
    const json = event({ data: { customer: `${'a'.repeat(60)}b` } });
    const bad = { expression: '{ "data": $match(data.customer, /^(?=a)(a|aa)+$/) }', json };
    const good = { expression: '{ "subject": "ok" }', json };
    const hasty = new Transformer({ timeoutMs: 500, memoryMb: 64, maxBytes: 10_000 });
    const results = await hasty.run(Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? bad : good)));
    hasty.close();
    const ofBad = results.filter((_, n) => n % 2 === 0);
    expect(results.filter((_, n) => n % 2 === 1).some((result) => result instanceof Error)).toBe(false);
    expect(ofBad.filter((result) => result instanceof PermanentError)).toHaveLength(11);
    expect(ofBad.filter((result) => result instanceof Unavailable)).toHaveLength(19);
  });

  it('keeps no more of what is made of small events than there is room for', async () => {
    const large = new Transformer({ timeoutMs: 5000, memoryMb: 128, maxBytes: 1_100_000 });
    const results = await large.run(
      Array.from({ length: 60 }, () => ({ expression: '{ "data": $pad("x", 1000000) }', json: event() })),
    );
    const kept = results.filter((result) => !(result instanceof Error));
    const others = results.filter((result) => result instanceof Error);
    expect(kept.length).toBeLessThan(40);
    expect(kept.length).toBeGreaterThan(30);
    expect(others.every((error) => error instanceof Unavailable)).toBe(true);
    large.close();
  });

  it('sees nothing of the process it runs in', async () => {
    expect(await changed('{ "data": { "env": $exists($process), "g": $exists($globalThis) } }')).toMatchObject({
      data: { env: false, g: false },
    });
  });

  it('leaves nothing behind for the next event, whatever names it uses', async () => {
    const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const json = `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${hostile}}`;
    const tries = [
      '{ "data": $merge([{}, data]) }',
      '{ "data": { "__proto__": { "polluted": 1 } } }',
      '{ "data": $each(data, function($v, $k) { { $k: $v } }) }',
      '{ "data": data.constructor.prototype ~> |$|{ "polluted": 1 }| }',
      '{ "data": ({}).__proto__.polluted }',
    ];
    for (const expression of tries) await run(expression, json);
    expect(await changed('{ "subject": $exists(({}).polluted) ? "polluted" : "clean" }')).toMatchObject({
      subject: 'clean',
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('answers everybody who asks at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, n) => transformer.run([{ expression: `{ "subject": "${n}" }`, json: event() }])),
    );
    expect(all.map(([one]) => (JSON.parse((one as { json: string }).json) as { subject: string }).subject)).toEqual(
      all.map((__, n) => String(n)),
    );
  });
});

describe('a route', () => {
  it.each([
    ['{ "a": ', /route "r": transform: Expected ":"|route "r": transform: Unexpected end|route "r": transform: /],
    ['', /transform must be a JSONata expression, got ""/],
    [5, /transform must be a JSONata expression, got 5/],
  ])('refuses the transform %j', (transform, message) => {
    expect(() => parseRoute({ name: 'r', pattern: { type: ['t'] }, topics: ['t'], transform }, 'test')).toThrow(
      message,
    );
  });

  it('says where its transform is wrong', () => {
    const transform = '{ "subject": data.customer ';
    expect(() => parseRoute({ name: 'r', pattern: { type: ['t'] }, topics: ['t'], transform }, 'test')).toThrow(
      /^route "r": transform: .* at character \d+ of: \{ "subject"/,
    );
  });
});
