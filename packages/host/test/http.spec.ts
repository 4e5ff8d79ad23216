import { isIP } from 'node:net';
import { Unavailable } from '@millrace/streams';
import { fuzzRuns } from '@millrace/testkit';
import { ForbiddenException, HttpException } from '@nestjs/common';
import fc from 'fast-check';
import { limitsOf } from '../src/http/limits.js';
import { BaseConfig, problem, problemOf, type RequestHead, RequestRefused, refuseForeignPages } from '../src/index.js';

describe('a page elsewhere', () => {
  const refused = (request: RequestHead, isOpen: boolean, allowedHosts?: readonly string[]): string | undefined => {
    try {
      refuseForeignPages(request, { isOpen, allowedHosts });
    } catch (error) {
      const { status, detail } = (error as RequestRefused).problem;
      return `${status} ${detail}`;
    }
    return undefined;
  };
  const OTHER = '403 Cross-site requests are not allowed';
  const host = (name: string) => `403 The host "${name}" is not in ALLOWED_HOSTS, and authentication is disabled`;
  const of = (method: string, headers: RequestHead['headers']): RequestHead => ({ method, headers });

  it.each<[string, RequestHead, string | undefined, string | undefined]>([
    // Method and headers; then what is said where no key is asked for, and where one is.
    ['no browser', of('POST', { host: 'a.example' }), undefined, undefined],
    [
      'a page of its own',
      of('POST', { host: 'localhost:8090', origin: 'http://localhost:8090' }),
      undefined,
      undefined,
    ],
    ['another port', of('POST', { host: 'localhost:8090', origin: 'http://localhost:1' }), OTHER, OTHER],
    ['another site', of('POST', { host: '127.0.0.1', origin: 'http://evil.example' }), OTHER, OTHER],
    ['an origin that is hidden', of('POST', { host: '127.0.0.1', origin: 'null' }), OTHER, OTHER],
    ['a look from another site', of('GET', { host: '127.0.0.1', 'sec-fetch-site': 'cross-site' }), OTHER, undefined],
    ['a look from beside it', of('HEAD', { host: '127.0.0.1', 'sec-fetch-site': 'same-site' }), OTHER, undefined],
    ['a look of its own', of('GET', { host: '127.0.0.1', 'sec-fetch-site': 'same-origin' }), undefined, undefined],
    ['an address that was typed', of('GET', { host: '127.0.0.1', 'sec-fetch-site': 'none' }), undefined, undefined],
    ['a post from beside it', of('POST', { host: '127.0.0.1', 'sec-fetch-site': 'same-site' }), OTHER, OTHER],
    ['a name of somebody', of('GET', { host: 'a.example' }), host('a.example'), undefined],
    ['a name with a port', of('GET', { host: 'A.example:80' }), host('a.example'), undefined],
    [
      'its own page under a name of somebody',
      of('PUT', { host: 'a.example', origin: 'http://a.example' }),
      host('a.example'),
      undefined,
    ],
    ['an IPv6 address', of('GET', { host: '[::1]:8090' }), undefined, undefined],
    ['a name without dots', of('GET', { host: 'console' }), undefined, undefined],
    ['a name below localhost', of('GET', { host: 'a.localhost' }), undefined, undefined],
    ['one that only looks so', of('GET', { host: 'a.notlocalhost.b' }), host('a.notlocalhost.b'), undefined],
    ['no host', of('GET', {}), undefined, undefined],
    ['a long name', of('GET', { host: `${'a'.repeat(150)}.b` }), host('a'.repeat(100)), undefined],
  ])('%s', (_, request, open, keyed) => {
    expect([refused(request, true), refused(request, false)]).toEqual([open, keyed]);
  });

  it('is let in where its host is named', () => {
    const sent = of('POST', { host: 'a.example', origin: 'https://b.example' });
    expect(refused(sent, true, ['a.example', 'b.example'])).toBeUndefined();
    expect(refused(sent, true, ['b.example'])).toBe(host('a.example'));
    expect(refused(sent, true, ['a.example'])).toBe(OTHER);
    expect(refused(sent, false, ['b.example'])).toBeUndefined();
  });

  it('under any address is not taken for a name', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((one) => `[${one}]`),
    );
    fc.assert(
      fc.property(address, fc.option(fc.nat(65_535)), (one, port) => {
        fc.pre(isIP(one.replace(/[[\]]/g, '')) > 0);
        expect(refused(of('GET', { host: port === null ? one : `${one}:${port}` }), true)).toBeUndefined();
      }),
      { numRuns: fuzzRuns(100) },
    );
  });
});

describe('the problem of an error', () => {
  it.each<[string, unknown, object, object]>([
    [
      'that refuses a request',
      new RequestRefused(problem('too-large', 413, 'No', '/a'), { 'x-a': 'b' }),
      { code: 'too-large', status: 413, detail: 'No', pointer: '/a', title: 'The request is too large' },
      { 'x-a': 'b' },
    ],
    [
      'of what is away',
      new Unavailable('Redis is away'),
      { code: 'unavailable', status: 503, detail: 'Redis is away', retryable: true },
      { 'retry-after': '1' },
    ],
    ['of Nest', new ForbiddenException('No'), { code: 'bad-request', status: 403, detail: 'No' }, {}],
    ['of Nest, a text', new HttpException('Gone', 404), { code: 'not-found', status: 404, detail: 'Gone' }, {}],
    [
      'of Nest, several sentences',
      new HttpException({ message: ['a', 'b'] }, 415),
      { code: 'unsupported-media-type', status: 415, detail: 'a; b' },
      {},
    ],
    ['of Nest, without any', new HttpException({}, 405), { code: 'method-not-allowed', status: 405 }, {}],
    [
      'of Fastify',
      Object.assign(new Error('too long'), { statusCode: 413 }),
      { code: 'too-large', status: 413, detail: 'too long' },
      {},
    ],
    [
      'that blames at least',
      Object.assign(new Error('x'), { statusCode: 400 }),
      { code: 'bad-request', status: 400 },
      {},
    ],
    [
      'that blames no request',
      Object.assign(new Error('secret'), { statusCode: 500 }),
      { code: 'internal', status: 500 },
      {},
    ],
    ['that is none', Object.assign(new Error('secret'), { statusCode: 399 }), { code: 'internal', status: 500 }, {}],
    ['of the program', new TypeError('secret'), { code: 'internal', status: 500 }, {}],
  ])('%s', (_, error, told, headers) => {
    const found = problemOf(error);
    expect(found.problem).toMatchObject(told);
    expect(found.headers).toEqual(headers);
    expect(found.problem.type).toBe(`urn:millrace:problem:${found.problem.code}`);
    expect(found.problem.detail).not.toContain('secret');
  });

  it('can be retried where it is full or away, and nowhere else', () => {
    const retried = [400, 409, 429, 431, 500, 503].filter((status) => problem('x', status, 'x').retryable === true);
    expect(retried).toEqual([429, 503]);
    expect(problem('x', 418, 'x')).toEqual({
      type: 'urn:millrace:problem:x',
      code: 'x',
      title: 'The request failed',
      status: 418,
      detail: 'x',
    });
  });
});

describe('the limits of a server', () => {
  it.each([
    // CLIENT_TIMEOUT; for the head; how often it is looked.
    [0, 20_000, 5000],
    [600_000, 20_000, 5000],
    [20_000, 20_000, 5000],
    [8000, 8000, 4000],
    [10, 10, 50],
  ])('CLIENT_TIMEOUT of %d', (timeout, head, look) => {
    const limits = limitsOf(Object.assign(new BaseConfig(), { CLIENT_TIMEOUT: timeout }));
    expect(limits.requestTimeout).toBe(timeout);
    expect(limits.http).toEqual({ requestTimeout: timeout, headersTimeout: head, connectionsCheckingInterval: look });
  });
});
