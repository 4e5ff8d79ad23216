import type { ShadowReport } from '@millrace/admin-api';
import { pathOf, withQuery } from '../../web/src/api/address.js';
import { apiErrorOf, problemAt } from '../../web/src/api/api-error.js';
import { bucketFor, oldestPath, pointsPath, questionOf } from '../../web/src/views/metrics/question.js';
import { copiesOf, shadowTold } from '../../web/src/views/routes/shadow/shadow-told.js';

describe('an address of the API', () => {
  it('leaves out what is empty, and repeats a list', () => {
    expect(withQuery('a', { b: '', c: null, d: undefined })).toBe('a');
    expect(withQuery('a', { b: 0, c: false, d: ['x', '', 'y'] })).toBe('a?b=0&c=false&d=x&d=y');
  });

  it('has names of any kind', () => {
    expect(pathOf('a/b', '?', 0)).toBe('a%2Fb/%3F/0');
  });
});

describe('a refusal', () => {
  const refused = apiErrorOf(422, '{"detail":"topics is []","code":"bad-route","pointer":"/routes/1/topics"}');

  it('is in the words of the console', () => {
    expect(refused).toMatchObject({ status: 422, message: 'topics is []', code: 'bad-route' });
  });

  it.each(['<html>', '', 'null', '5', '{}'])('of something between says at least the status: %j', (text) => {
    expect(apiErrorOf(502, text)).toMatchObject({
      status: 502,
      message: 'The console returned HTTP 502',
      code: undefined,
    });
  });

  it('stands at the field that it is about, or at one of which that is a part', () => {
    expect(problemAt(refused, '/routes/1/topics')).toBe('topics is []');
    expect(problemAt(refused, '/routes')).toBe('topics is []');
    expect(problemAt(refused, '/route')).toBeUndefined();
    expect(problemAt(new Error('x'), '/routes')).toBeUndefined();
    expect(problemAt(undefined, '/routes')).toBeUndefined();
  });
});

describe('a question for series', () => {
  const question = questionOf(new URLSearchParams('metric=m&label=l'));

  it('asks for those that have a label, or a value of it', () => {
    expect(decodeURIComponent(oldestPath(question))).toBe('series?filter=metric=m&filter=l!=&limit=1');
    expect(decodeURIComponent(oldestPath({ ...question, value: '(a' }))).toContain('filter=l="(a"');
    expect(decodeURIComponent(oldestPath({ ...question, value: '"a\\' }))).toContain('filter=l="\\"a\\\\"');
  });

  it('asks for aggregates, or for samples as they are', () => {
    expect(pointsPath(question, '1m')).toContain('aggregate=avg&bucket=1m&limit=1000');
    expect(pointsPath({ ...question, aggregate: '' }, '1m')).not.toContain('bucket');
  });

  it('has buckets of which a span has a few hundred at most', () => {
    expect(bucketFor(0, 250 * 10_000)).toBe('10s');
    expect(bucketFor(0, 250 * 10_000 + 1)).toBe('1m');
    expect(bucketFor(0, 1e15)).toBe('30d');
  });
});

describe('a route that is tried', () => {
  const report = (more: Partial<ShadowReport> = {}): ShadowReport => ({
    events: 500,
    matched: 3,
    inForce: { a: 2, b: 1 },
    withDraft: { c: 1, b: 1 },
    different: 0,
    differences: [],
    microseconds: { inForce: 1, withDraft: 2 },
    undecodable: 0,
    undecided: 0,
    complete: true,
    ...more,
  });
  const told = (more: Partial<Parameters<typeof shadowTold>[0]>) =>
    shadowTold({ report: report(), error: undefined, isValid: true, refusal: undefined, ...more });

  it('says what it does', () => {
    expect(told({})).toEqual({ matches: 'matches 3 of the last 500', changes: 'and changes nothing, 2 µs each' });
    expect(told({ report: report({ different: 4 }) })).toMatchObject({ changes: 'and reroutes 4, 2 µs each' });
  });

  it.each<[string, Partial<Parameters<typeof shadowTold>[0]>]>([
    ['a key', { refusal: 'a key', isValid: false }],
    ['Fix the route to see its impact.', { isValid: false, report: undefined }],
    // What is shown of the route before it is no answer to this one.
    ['Fix the route to see its impact.', { error: new Error('no') }],
    ['Calculating…', { report: undefined }],
    ['The inbox has no events for a preview.', { report: report({ events: 0 }) }],
  ])('or why that is not shown: %s', (why, more) => {
    expect(told(more)).toBe(why);
  });

  it('shows topics that get none any more, and those that get some', () => {
    expect(copiesOf(report())).toEqual([
      { topic: 'a', before: 2, after: 0 },
      { topic: 'b', before: 1, after: 1 },
      { topic: 'c', before: 0, after: 1 },
    ]);
  });
});
