import { Principal } from '../src/principal.js';

const EVENT = { source: '/shop/berlin', type: 'order.paid' };

describe('a principal', () => {
  it.each([
    [{}, true],
    [{ sources: ['/shop/*'] }, true],
    [{ sources: ['/shop/paris', '/shop/berlin'], types: ['order.*'] }, true],
    [{ sources: ['/shop'] }, false],
    [{ types: ['order.paid.*'] }, false],
    [{ sources: ['/shop/*'], types: ['refund.*'] }, false],
    [{ types: ['*'] }, true],
  ])('of a key with %j may publish an event or may not', (rules, may) => {
    const refusal = new Principal('id', 'shop', { scopes: ['publish'], ...rules }).refusal(EVENT);
    expect(refusal === undefined).toBe(may);
  });

  it('is told which source or type it may not, and which it may', () => {
    const principal = new Principal('id', 'shop', { scopes: ['publish'], types: ['refund.*', 'return'] });
    expect(principal.refusal(EVENT)).toBe(
      'This API key may not publish the type "order.paid"; it may publish refund.*, return',
    );
  });

  it.each([
    [['publish'], undefined],
    [['publish', 'read'], 'read'],
    [['operate'], 'operate'],
    [['read', 'admin'], 'admin'],
  ] as const)('with the scopes %j has the role %s at the console', (scopes, role) => {
    expect(new Principal('id', 'shop', { scopes }).role).toBe(role);
  });
});
