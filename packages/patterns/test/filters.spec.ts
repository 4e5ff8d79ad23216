import { matches, PatternError, PatternIndex, parseFilters } from '../src/index.js';

const event = (more: object = {}) => ({ specversion: '1.0', id: '1', source: '/shop', type: 'order.paid', ...more });

describe('filters of the CloudEvents Subscriptions API', () => {
  it.each([
    [{ exact: { type: 'order.paid' } }, event(), true],
    [{ exact: { type: 'order' } }, event(), false],
    [{ exact: { type: 'order.paid', source: '/other' } }, event(), false],
    [{ exact: { subject: 's' } }, event(), false],
    [{ prefix: { type: 'order.' } }, event(), true],
    [{ suffix: { type: '.paid' } }, event(), true],
    [{ suffix: { type: '.sent' } }, event(), false],
    [{ all: [{ prefix: { type: 'order.' } }, { suffix: { type: '.paid' } }] }, event(), true],
    [{ all: [{ prefix: { type: 'order.' } }, { suffix: { type: '.sent' } }] }, event(), false],
    [{ any: [{ exact: { type: 'x' } }, { exact: { source: '/shop' } }] }, event(), true],
    [{ any: [{ exact: { type: 'x' } }, { exact: { source: '/x' } }] }, event(), false],
    [{ not: { exact: { type: 'order.paid' } } }, event(), false],
    [{ not: { exact: { type: 'x' } } }, event(), true],
    [{ not: { exact: { subject: 's' } } }, event(), true],
    [{ not: { exact: { subject: 's' } } }, event({ subject: 's' }), false],
    [{ not: { exact: { type: 'order.paid', source: '/x' } } }, event(), true],
    [{ not: { prefix: { type: 'order.' } } }, event(), false],
    [{ not: { all: [{ prefix: { type: 'order.' } }, { exact: { source: '/x' } }] } }, event(), true],
    [{ not: { any: [{ prefix: { type: 'x' } }, { exact: { source: '/shop' } }] } }, event(), false],
    [{ not: { not: { exact: { type: 'order.paid' } } } }, event(), true],
    [[{ prefix: { type: 'order.' } }, { exact: { source: '/shop' } }], event(), true],
    [[{ prefix: { type: 'order.' } }, { exact: { source: '/x' } }], event(), false],
    [{ exact: { source: '10.0.0.1' } }, event({ source: '010.000.000.001' }), false],
  ])('%j', (filters, one, verdict) => {
    const pattern = parseFilters(filters);
    expect(matches(pattern, one)).toBe(verdict);
    const index = new PatternIndex([{ pattern, value: 1 }]);
    expect(index.match({ type: one.type, json: JSON.stringify(one) })).toEqual(verdict ? [1] : []);
  });

  it.each([
    [[], /at least one filter/],
    [{}, /filters/],
    [5, /an object with one dialect/],
    [{ exact: { type: 'a' }, prefix: { type: 'b' } }, /an object with one dialect/],
    [{ regex: { type: 'a' } }, /one of exact, prefix, suffix, all, any, not/],
    [{ exact: {} }, /an object of attributes and texts/],
    [{ exact: { Type: 'a' } }, /attribute names of a-z and 0-9/],
    [{ exact: { type: 5 } }, /a text/],
    [{ exact: { type: '' } }, /a text/],
    [{ all: [] }, /a list of one or more filters/],
    [{ any: [{ exact: { type: 'a' } }, { prefix: 'b' }] }, /filters.any\[1\].prefix/],
    [
      { all: Array.from({ length: 13 }, () => ({ any: [{ exact: { a: '1' } }, { exact: { b: '1' } }] })) },
      /at most 4096/,
    ],
  ])('refuse %j', (filters, message) => {
    expect(() => parseFilters(filters)).toThrow(PatternError);
    expect(() => parseFilters(filters)).toThrow(message);
  });
});
