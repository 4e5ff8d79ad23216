import { ADMIN_API, type DescribedOperation } from '@millrace/admin-api';
import { RequestRefused } from '@millrace/host';
import type { FastifyRequest } from 'fastify';
import { RequestReader } from '../../src/contract/request-reader.js';
import { RequestSchemas } from '../../src/contract/request-schemas.js';

const schemas = new RequestSchemas(ADMIN_API.components.schemas);

/** A request as a handler gets it, or the sentence by which it is refused. */
const read = (method: string, path: string, asked: { query?: object; params?: object; body?: unknown }) => {
  const reader = new RequestReader(schemas, ADMIN_API.paths[path]?.[method] as DescribedOperation);
  const request = { params: {}, query: {}, body: undefined, ...asked } as unknown as FastifyRequest;
  try {
    reader.read(request);
    return request;
  } catch (error) {
    if (error instanceof RequestRefused) return error.problem.detail;
    throw error;
  }
};

const events = (query: object) => read('get', '/api/topics/{topic}/events', { params: { topic: 'a' }, query });

describe('a query', () => {
  it('has numbers, and the defaults of what is left out', () => {
    expect(events({ limit: '5', type: '7' })).toMatchObject({ query: { limit: 5, order: 'newest', type: '7' } });
    expect(events({})).toMatchObject({ query: { limit: 50, order: 'newest' } });
  });

  it.each(['0', '1001', '1e2', '0x10', '-5', '5.0', ' 5', '', 'many', '99999999999999999999'])(
    'takes whole numbers as they are written alone: not %j',
    (limit) => {
      expect(events({ limit })).toMatch(/^limit must be a whole number from 1 to 1000, got .*$/);
    },
  );

  it('is refused for what was given twice, and for what is none of several', () => {
    expect(events({ from: ['1', '2'] })).toBe('from must be a string of at most 40 characters, got ["1","2"]');
    expect(events({ order: 'up' })).toBe('order must be one of newest, oldest, got "up"');
    expect(events({ ordre: 'up' })).toMatch(/^unknown parameter "ordre"; expected limit, order, from/);
  });

  it('has a list of what may be given several times, or once', () => {
    const series = (filter: unknown) => read('get', '/api/series', { query: { filter } });
    expect(series('a=b')).toMatchObject({ query: { filter: ['a=b'] } });
    expect(series(['a=b', 'c=d'])).toMatchObject({ query: { filter: ['a=b', 'c=d'] } });
    expect(series(Array(21).fill('a=b'))).toMatch(/^filter must be a list of at most 20 items, got .*$/);
  });

  it('says true or false, and nothing else', () => {
    const forget = (query: object) => read('delete', '/api/sinks/{name}', { params: { name: 'a' }, query });
    expect(forget({})).toMatchObject({ query: { discard: false } });
    expect(forget({ discard: 'true' })).toMatchObject({ query: { discard: true } });
    expect(forget({ discard: 'false' })).toMatchObject({ query: { discard: false } });
    for (const discard of ['yes', '', '1', 'constructor']) {
      expect(forget({ discard })).toMatch(/^discard must be true or false, got ".*"$/);
    }
  });
});

describe('a body', () => {
  it('may be left out where nothing of it is needed, and is refused where an operation takes none', () => {
    const params = { name: 'a' };
    expect(read('post', '/api/keys/{name}/rotate', { params, body: null })).toMatchObject({ body: { grace: '24h' } });
    expect(read('post', '/api/partitions/raise', {})).toBe('to must be a whole number from 1 to 1024, got nothing');
    expect(read('post', '/api/sinks/{name}/pause', { params, body: {} })).toMatchObject({ body: {} });
    expect(read('post', '/api/sinks/{name}/pause', { params, body: { a: 1 } })).toMatch('a body is not allowed');
  });

  it('is not walked through where the contract says no more of it: large events are not', () => {
    const refuse = () => {
      throw new Error('it was looked into');
    };
    const event = new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse, getOwnPropertyDescriptor: refuse });
    const body = { pattern: {}, event };
    const request = read('post', '/api/routes/test', { body }) as FastifyRequest;
    expect((request.body as typeof body).event === event).toBe(true);
  });

  it('is refused without what is secret in it', () => {
    const rotated = { params: { name: 'a' }, body: { secret: 'my-secret' } };
    expect(read('post', '/api/webhooks/{name}/rotate', rotated)).toMatch(
      /^secret must be whsec_ .*, got a value that is not shown/,
    );
  });

  it('of which others judge a part is left to them', () => {
    const body = { routes: [{ name: 5, colour: 'red' }] };
    expect(read('post', '/api/routes', { body })).toMatchObject({ body });
    expect(read('post', '/api/routes', { body: { routes: [5] } })).toBe('routes.0 must be a JSON object, got 5');
    expect(read('put', '/api/routes/{name}', { params: { name: 'a' }, body: [] })).toMatchObject({ body: [] });
  });
});

it('a part of the path has its form', () => {
  const level = (service: string) =>
    read('put', '/api/logs/level/{service}', { params: { service }, body: { level: 'debug' } });
  expect(level('sink-postgres')).toMatchObject({ params: { service: 'sink-postgres' } });
  expect(level('A B')).toBe('service must be the name of a service such as sink-postgres, or all, got "A B"');
});
