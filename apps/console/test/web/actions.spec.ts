import type { DryRun, EndpointList, Route, RouteView, Snapshot } from '@millrace/admin-api';
import { filterOfQuery, foundIn, inWords, isNarrowed } from '../../web/src/views/dead-letters/filter-query.js';
import { redriveOf } from '../../web/src/views/dead-letters/redrive-order.js';
import { replayOf, sinksOf, startRefusal } from '../../web/src/views/replay/replay-order.js';
import { type Doing, isGone, requestOf, routeRefusals } from '../../web/src/views/routes/route-action.js';
import { changeInWord, NEW_ROUTE, routeOf, typedOf } from '../../web/src/views/routes/written.js';

describe('a filter of dead letters', () => {
  it('is what of the address it knows', () => {
    expect(filterOfQuery(new URLSearchParams('group=a&error=&colour=red'))).toEqual({ group: 'a' });
    expect(isNarrowed({})).toBe(false);
    expect(isNarrowed({ text: 'x' })).toBe(true);
  });

  it('is said in words, before anything is deleted by it', () => {
    expect(inWords({})).toBe('all dead letters');
    expect(inWords({ from: '-', to: '+' })).toBe('all dead letters');
    expect(inWords({ error: 'TypeError', group: 'a', to: '5' })).toBe('error TypeError, group a, to 5');
  });

  it('found none only where all were looked at', () => {
    const group = {} as never;
    expect(foundIn({ total: 5, looked: 5, errors: [] })).toBe('none');
    expect(foundIn({ total: 5, looked: 4, errors: [] })).toBe('none yet');
    expect(foundIn({ total: 5, looked: 4, errors: [group] })).toBe('some');
  });
});

describe('a redrive', () => {
  it.each(['', '0', '1.5', '100001', '-1', 'many'])('does not start at %j a second', (typed) => {
    expect(redriveOf(typed, 5).refused).toMatch(/whole number from 1 to 100,000/);
  });

  it('starts when they were counted, and there are some', () => {
    expect(redriveOf('100', undefined)).toEqual({ perSecond: 100, isRate: true, refused: 'Still counting.' });
    expect(redriveOf('100', 0).refused).toBe('No dead letter matches.');
    expect(redriveOf('100', 6000)).toEqual({ perSecond: 100, isRate: true, takes: 'takes about 1 min' });
    expect(redriveOf('100', 1).takes).toBe('takes about 1 s');
  });
});

describe('a replay', () => {
  const typed = {
    topic: 'orders',
    sink: 'sink-a',
    from: '',
    to: ' ',
    pattern: '',
    perSecond: '500',
    isPastFilter: false,
  };

  it('asks for what was typed', () => {
    expect(replayOf(typed)).toEqual({ body: { topic: 'orders', sink: 'sink-a', perSecond: 500 } });
    const more = { from: ' 5 ', to: '6', pattern: '{"type":["a"]}', isPastFilter: true };
    expect(replayOf({ ...typed, ...more }).body).toEqual({
      topic: 'orders',
      sink: 'sink-a',
      perSecond: 500,
      from: '5',
      to: '6',
      pattern: { type: ['a'] },
      unfiltered: true,
    });
  });

  it('is refused for a pattern that is no JSON, and without anybody to send to', () => {
    expect(replayOf({ ...typed, pattern: '{' }).refused).toMatch(/Invalid JSON/);
    expect(replayOf({ ...typed, sink: '' }).refused).toMatch(/Choose a topic and a sink/);
  });

  it('starts when it was counted; where not all was looked through, none found is none so far', () => {
    const counted = (matched: number, complete: boolean) => ({ matched, complete }) as DryRun;
    expect(startRefusal(undefined)).toMatch(/counting/);
    expect(startRefusal(counted(0, true))).toBe('No event matches.');
    expect(startRefusal(counted(0, false))).toBeUndefined();
    expect(startRefusal(counted(1, true))).toBeUndefined();
  });

  it('goes to readers first, to endpoints that take the topic, and of what is unrouted to the router', () => {
    const snapshot = {
      topics: [{ name: 'orders', groups: [{ group: 'sink-b' }] }],
      sinks: [
        { name: 'hook.all', streams: [] },
        { name: 'hook.other', streams: [] },
        { name: 'hook.file', streams: [] },
        { name: 'router', streams: ['in'] },
        { name: 'sink-a', streams: [] },
        { name: 'sink-b', streams: ['topic:orders'] },
      ],
    } as unknown as Snapshot;
    const endpoints = {
      endpoints: [
        { name: 'all', endpoint: { url: 'u' } },
        { name: 'other', endpoint: { url: 'u', topics: 'other' } },
        { name: 'file', endpoint: null, about: { topics: ['orders'] } },
      ],
    } as unknown as EndpointList;
    expect(sinksOf('orders', snapshot, endpoints, false)).toEqual(['sink-b', 'hook.all', 'hook.file']);
    expect(sinksOf('orders', snapshot, endpoints, true)).toContain('hook.other');
    expect(sinksOf('unrouted', snapshot, endpoints, false)).toEqual(['hook.all', 'router']);
    expect(sinksOf('orders', null, undefined, true)).toEqual([]);
  });
});

describe('a route', () => {
  const route: Route = { name: 'r', pattern: { type: ['a'] }, topics: ['t'] };
  const view = (origin: RouteView['origin']): RouteView => ({ route, origin, isHidden: false });

  it.each<[Doing, object]>([
    ['draft', { method: 'PUT', end: '/draft', body: { pattern: { type: ['a'] }, topics: ['t'] } }],
    ['put', { method: 'PUT', end: '', version: 7, body: { pattern: { type: ['a'] }, topics: ['t'] } }],
    ['promote', { method: 'POST', end: '/promote', version: 7 }],
    ['drop', { method: 'DELETE', end: '/draft' }],
    ['delete', { method: 'DELETE', end: '', version: 7 }],
  ])('%s is asked for with the version that it was made for, where routers notice', (doing, request) => {
    expect(requestOf(doing, route, 7)).toEqual(request);
  });

  it('of a file is not changed here', () => {
    expect(routeRefusals(typedOf(route), view('file'), undefined)).toEqual({
      change: expect.stringMatching(/ROUTES_FILE/),
      save: expect.stringMatching(/ROUTES_FILE/),
    });
    expect(routeRefusals(typedOf(route), view('redis'), undefined)).toEqual({});
  });

  it('without a name, or with a rule that is none, is not saved', () => {
    expect(routeRefusals(NEW_ROUTE, undefined, undefined)).toEqual({ save: 'Name is required.' });
    expect(routeRefusals(NEW_ROUTE, undefined, 'no JSON')).toEqual({ save: 'no JSON' });
  });

  it('is gone when it was deleted, or was a draft alone', () => {
    expect(isGone('delete', view('redis'))).toBe(true);
    expect(isGone('drop', undefined)).toBe(true);
    expect(isGone('drop', view('redis'))).toBe(false);
  });

  it('is what was typed, and typed as it is', () => {
    const full: Route = { ...route, priority: 5, transform: '{ "a": 1 }' };
    expect(routeOf(typedOf(full)).route).toEqual(full);
    const filters: Route = { name: 'r', filters: [{ exact: { type: 'a' } }], topics: ['a', 'b'] };
    expect(routeOf(typedOf(filters)).route).toEqual(filters);
    expect(routeOf({ ...NEW_ROUTE, rule: '{' }).problem).toMatch(/Invalid JSON/);
  });

  it('was added, changed or deleted', () => {
    expect(changeInWord({ name: 'r', before: null, after: route })).toBe('added');
    expect(changeInWord({ name: 'r', before: route, after: null })).toBe('deleted');
    expect(changeInWord({ name: 'r', before: route, after: route })).toBe('changed');
  });
});
