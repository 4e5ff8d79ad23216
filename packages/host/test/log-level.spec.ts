import type { Delivery } from '@millrace/streams';
import { aboutDelivery, createLogger, followLogLevel } from '../src/index.js';

describe('followLogLevel', () => {
  const following = (own: string) => {
    const log = createLogger({ hop: 'gateway', level: own, format: 'json' });
    const asked: Record<string, string | undefined> = {};
    let look = (): void => undefined;
    followLogLevel(log, 'gateway', {
      follow: (onLook) => {
        look = onLook;
      },
      logLevelOf: (service) => asked[service],
    });
    const after = (level: string | undefined): string => {
      asked['gateway'] = level;
      look();
      return log.level;
    };
    return after;
  };

  it('has the level that is asked for, and its own when none is', () => {
    const after = following('silent');
    expect([after(undefined), after('fatal'), after('fatal'), after('silent'), after(undefined)]).toEqual([
      'silent',
      'fatal',
      'fatal',
      'silent',
      'silent',
    ]);
  });

  it('does not take what is no level', () => {
    expect(following('silent')('loud')).toBe('silent');
  });
});

describe('aboutDelivery', () => {
  const deliveryOf = (json: string): Delivery => ({
    event: { type: 't', json },
    attempt: 2,
    position: '1-0',
    stream: 'topic:orders',
    partition: 0,
  });
  const where = { stream: 'topic:orders', position: '1-0', attempt: 2 };
  const TRACE = '0af7651916cd43dd8448eb211c80319c';

  it('names the event, its trace and the class of the error, and quotes nothing', () => {
    const json = `{"id":"1","source":"/s","data":{"card":"4711"},"traceparent":"00-${TRACE}-b7ad6b7169203331-00"}`;
    const cause = new TypeError('card 4711 is not valid', {
      cause: Object.assign(new Error('4711'), { code: '22P02' }),
    });
    expect(aboutDelivery(deliveryOf(json), cause)).toEqual({
      eventId: '1',
      eventSource: '/s',
      traceId: TRACE,
      ...where,
      error: 'TypeError',
      code: '22P02',
    });
  });

  it('says where something is that is no event', () => {
    expect(aboutDelivery(deliveryOf('{"card":"4711'), new Error('"4711" is not valid JSON'))).toEqual({
      ...where,
      error: 'Error',
    });
  });
});
