import { createHmac, hash } from 'node:crypto';

/**
 * The `webhook-id` of an event for an endpoint: the same at every attempt, after a restart, and where the event came by
 * two topics.
 */
export const webhookId = (source: string, id: string, endpoint: string): string =>
  `msg_${hash('sha256', JSON.stringify([source, id, endpoint]), 'base64url').slice(0, 32)}`;

/**
 * The `webhook-signature` of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, one for each key, with a space
 * between them. `timestamp` is in seconds.
 */
export const signatureOf = (keys: readonly Buffer[], id: string, timestamp: number, body: string | Buffer): string =>
  keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`)
    .join(' ');
