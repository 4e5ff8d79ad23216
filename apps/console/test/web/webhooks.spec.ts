import type { EndpointView, WrittenEndpoint } from '@millrace/admin-api';
import { breakerOf } from '../../web/src/views/webhooks/breaker.js';
import { endpointChange } from '../../web/src/views/webhooks/endpoint-change.js';
import { NEW_ENDPOINT, type TypedEndpoint, typedOf } from '../../web/src/views/webhooks/endpoint-text.js';

const view = (endpoint: WrittenEndpoint | null, more: Partial<EndpointView> = {}): EndpointView => ({
  name: 'billing',
  endpoint,
  about: null,
  state: {},
  waiting: 0,
  deadLetters: 0,
  warnings: [],
  ...more,
});

describe('what the form of an endpoint sends', () => {
  const stored = view({
    url: 'https://h/',
    secret: 'whsec_…',
    topics: ['a', 'b'],
    headers: { authorization: 'Bear…' },
    rate: 5,
    timeout: '3s',
  });
  const typed = (more: Partial<TypedEndpoint> = {}, of = stored): TypedEndpoint => ({
    ...typedOf(of.name, of.endpoint as WrittenEndpoint),
    ...more,
  });
  const changed = (more: Partial<TypedEndpoint>, of = stored) => endpointChange(typed(more, of), of, []);

  it('is of one that there is what was changed, and of that alone', () => {
    expect(changed({ rate: '7' })).toMatchObject({ method: 'PATCH', body: { rate: 7 }, refused: undefined });
    expect(changed({ topics: 'b, a' }).body).toEqual({ topics: ['b', 'a'] });
    expect(changed({ secret: ' whsec_new ' }).body).toEqual({ secret: 'whsec_new' });
    expect(changed({ isEnabled: false }).body).toEqual({ enabled: false });
    expect(changed({ isSigned: false }).body).toEqual({ signed: false });
  });

  it('takes away what was emptied', () => {
    expect(changed({ topics: ' ', timeout: '', rate: '', headers: '' }).body).toEqual({
      topics: null,
      timeout: null,
      rate: null,
      headers: null,
    });
  });

  it('asks for a secret where it is to be signed from now on', () => {
    const unsigned = view({ url: 'https://h/', signed: false });
    expect(changed({ isSigned: true }, unsigned).body).toEqual({ signed: true });
  });

  it('is of a new one all that was typed, without what is so anyway', () => {
    const change = endpointChange({ ...NEW_ENDPOINT, name: ' new ', url: ' https://h/ ' }, undefined, []);
    expect(change).toEqual({ name: 'new', method: 'PUT', body: { url: 'https://h/' } });
  });

  it.each<[Partial<TypedEndpoint>, RegExp]>([
    [{ name: '' }, /Name is required/],
    [{ name: 'taken' }, /An endpoint of this name exists/],
    [{ url: ' ' }, /URL is required/],
    [{ pattern: '{' }, /^pattern: /],
    [{ headers: '{"a":' }, /^headers: /],
    [{ headers: '{"authorization":"Bear…"}' }, /does not show it/],
    [{ url: 'https://h/%E2%80%A6' }, /does not show it/],
  ])('is not sent of a new one with %j', (more, why) => {
    const change = endpointChange({ ...NEW_ENDPOINT, name: 'new', url: 'https://h/', ...more }, undefined, ['taken']);
    expect(change.refused).toMatch(why);
  });

  it('is not sent where nothing was changed, nor where a masked value would be stored as it is shown', () => {
    expect(changed({}).refused).toBe('No changes to save.');
    expect(changed({ headers: '{"authorization":"Bear…","x":"1"}' }).refused).toMatch(/does not show it/);
  });
});

describe('an endpoint in a word', () => {
  const url = { url: 'https://h/' };
  it.each<[string, EndpointView, string]>([
    [
      'is disabled, whatever else',
      view({ ...url, enabled: false }, { state: { offAt: 1, openUntil: 9e9 } }),
      'disabled',
    ],
    ['is written so', view({ ...url, enabled: false }, { state: { failingSince: 1 } }), 'disabled in config'],
    ['waits', view(url, { state: { failingSince: 1, openUntil: 61_000 }, warnings: ['w'] }), 'retrying in 1 min'],
    ['fails', view(url, { state: { failingSince: 1, openUntil: 1000 }, warnings: ['w'] }), 'failing'],
    ['may get nothing', view(url, { warnings: ['nobody serves it'] }), 'degraded'],
    ['is well', view(url), 'healthy'],
    ['is in a file', view(null), 'healthy'],
  ])('%s', (_, of, word) => {
    expect(breakerOf(of, 1000).word).toBe(word);
  });

  it('says why it gets less', () => {
    expect(breakerOf(view(url, { warnings: ['a', 'b'] }), 0).why).toBe('a\nb');
  });
});
