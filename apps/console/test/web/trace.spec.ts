import type { DryRun, Rerouting, Snapshot, Trace, TraceRoute, TraceTopic } from '@millrace/admin-api';
import { placeOf } from '../../web/src/views/trace/event-place.js';
import { againOf, againRefusal, isSettled } from '../../web/src/views/trace/rerouting.js';
import { decidedBy, isUnrouted, missing, nowhere, stateTag, triedAgain } from '../../web/src/views/trace/told.js';

const route = (matched: boolean, more: Partial<TraceRoute> = {}): TraceRoute => ({
  name: 'r',
  topics: ['orders'],
  matched,
  leaves: [],
  ...more,
});
const routing = (more: Partial<Trace['routing']> = {}): Trace['routing'] => ({
  state: 'done',
  at: 1,
  parkedUntil: null,
  attempts: [],
  deadLetter: null,
  redriven: 0,
  version: 3,
  changedSince: false,
  routes: [],
  ...more,
});
const topic = (more: Partial<TraceTopic> = {}): TraceTopic => ({
  topic: 'orders',
  streamId: '1-1',
  isSure: true,
  partition: 2,
  at: 1,
  transformed: false,
  rerouting: null,
  sinks: [],
  ...more,
});
const trace = (more: Partial<Trace>): Trace => ({ topics: [], routing: routing(), inbox: null, ...more }) as Trace;

describe('the way of an event', () => {
  it('says by which routes it was decided, and whether others are live since', () => {
    expect(decidedBy(routing())).toBe('Routed by version 3 of the routes.');
    expect(decidedBy(routing({ changedSince: true }))).toBe(
      'Routed by version 3 of the routes; they have changed since.',
    );
    expect(decidedBy(routing({ version: null }))).toMatch(/unknown; showing the live routes/);
    expect(decidedBy(routing({ state: 'waiting' }))).toBe('Showing the live routes.');
  });

  it.each([
    ['none matched', [route(false), route(false, { undecided: 'steps' })], true],
    ['one matched', [route(false), route(true)], false],
    ['none could be decided', [route(false, { undecided: 'steps' })], false],
    ['there are none', [], false],
  ])('is said to end in unrouted or not, where of its routes %s', (_, routes, is) => {
    expect(isUnrouted(routing({ routes }))).toBe(is);
  });

  it('ends in no topic because it is not there yet, or not any more', () => {
    expect(nowhere(trace({}))).toMatch(/trimmed/);
    expect(nowhere(trace({ routing: routing({ state: 'in-hand' }) }))).toMatch(/yet/);
    expect(nowhere(trace({ topics: [topic()] }))).toBeUndefined();
  });

  it('has copies that are not there, and others of which that is not sure', () => {
    expect(missing(topic({ at: null }))).toBe('missing');
    expect(missing(topic({ at: null, isSure: false }))).toBe('not found');
    expect(missing(topic())).toBeUndefined();
  });

  it('is routed at the router, and delivered elsewhere', () => {
    expect(stateTag('done', 'routed')).toEqual(['routed', 'good']);
    expect(stateTag('done')).toEqual(['delivered', 'good']);
    expect(stateTag('dead', 'routed')).toEqual(['dead-lettered', 'bad']);
    expect(triedAgain(61_000, 1000)).toBe('retry in 1 min');
    expect(triedAgain(1000, 1000)).toBe('retry due now');
  });

  it('is tried on routes from where it still stands', () => {
    const inbox = { streamId: '1-0', partition: 1, at: 1, retained: true };
    expect(placeOf(trace({ inbox, topics: [topic()] }))).toEqual({ of: 'in', test: '1-0', partition: 1 });
    const trimmed = { inbox: { ...inbox, retained: false } };
    expect(placeOf(trace({ ...trimmed, topics: [topic({ streamId: null }), topic()] }))).toEqual({
      of: 'orders',
      test: '1-1',
      partition: 2,
    });
    expect(placeOf(trace({ ...trimmed, topics: [topic({ streamId: null })] }))).toEqual({});
  });
});

describe('routing an event of unrouted again', () => {
  const rerouting = (mayRouteAgain: boolean, isAgain: boolean): Rerouting => ({
    mayRouteAgain,
    routedAgain: isAgain ? { replay: 'a', state: 'done', at: 1 } : null,
  });

  it('is offered, but where it was done and would come to the same', () => {
    expect(isSettled(rerouting(false, true))).toBe(true);
    expect(isSettled(rerouting(true, true))).toBe(false);
    expect(isSettled(rerouting(true, false))).toBe(false);
  });

  it('asks whoever reads the inbox, and for this event alone', () => {
    const snapshot = {
      sinks: [
        { name: 'sink-a', streams: ['topic:in'] },
        { name: 'routers', streams: ['in'] },
      ],
    } as unknown as Snapshot;
    expect(againOf(topic(), snapshot)).toEqual({ topic: 'unrouted', sink: 'routers', from: '1-1', to: '1-1' });
    expect(againOf(topic(), null).sink).toBe('router');
  });

  it('waits for the count, and for an event that is there', () => {
    const found = (matched: number) => ({ matched }) as DryRun;
    expect(againRefusal(true, found(1))).toMatch(/Still searching/);
    expect(againRefusal(false, undefined)).toMatch(/Still searching/);
    expect(againRefusal(false, found(0))).toBe('No longer retained.');
    expect(againRefusal(false, found(1))).toBeUndefined();
  });
});
