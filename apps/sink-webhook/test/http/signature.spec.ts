import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { signatureOf, webhookId } from '../../src/http/signature.js';

const now = () => Math.floor(Date.now() / 1000);
const headersOf = (id: string, timestamp: number, signature: string) => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
});

describe('signatureOf', () => {
  const key = randomBytes(32);
  const webhook = new Webhook(`whsec_${key.toString('base64')}`);

  it.each([['{"a":1}'], ['{"text":"é ß 漢字 😀"}'], [`{"long":"${'x'.repeat(100_000)}"}`]])(
    'is what the library of Standard Webhooks verifies: %.30s',
    (body) => {
      const timestamp = now();
      const signature = signatureOf([key], 'msg_1', timestamp, body);
      expect(webhook.verify(body, headersOf('msg_1', timestamp, signature))).toEqual(JSON.parse(body));
    },
  );

  it('is what the library signs itself', () => {
    const date = new Date('2026-01-02T03:04:05Z');
    expect(signatureOf([key], 'msg_1', date.getTime() / 1000, '{}')).toBe(webhook.sign('msg_1', date, '{}'));
  });

  it('covers id, time and body', () => {
    const timestamp = now();
    const signature = signatureOf([key], 'msg_1', timestamp, '{"a":1}');
    expect(() => webhook.verify('{"a":2}', headersOf('msg_1', timestamp, signature))).toThrow('No matching');
    expect(() => webhook.verify('{"a":1}', headersOf('msg_2', timestamp, signature))).toThrow('No matching');
    expect(() => webhook.verify('{"a":1}', headersOf('msg_1', timestamp - 1, signature))).toThrow('No matching');
  });

  it('signs with every key, so that a receiver may have the old one or the new one', () => {
    const other = randomBytes(24);
    const timestamp = now();
    const signature = signatureOf([other, key], 'msg_1', timestamp, '{}');
    const withOther = new Webhook(`whsec_${other.toString('base64')}`);
    for (const one of [webhook, withOther]) {
      expect(one.verify('{}', headersOf('msg_1', timestamp, signature))).toEqual({});
    }
  });
});

describe('webhookId', () => {
  it('is the same for the same event and endpoint, and no other', () => {
    const id = webhookId('/source', 'id', 'billing');
    expect(webhookId('/source', 'id', 'billing')).toBe(id);
    const others = [
      webhookId('/source2', 'id', 'billing'),
      webhookId('/source', 'id2', 'billing'),
      webhookId('/source', 'id', 'audit'),
      webhookId('/sourceid', '', 'billing'),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
    expect(id).toMatch(/^msg_[\w-]{32}$/);
  });
});
