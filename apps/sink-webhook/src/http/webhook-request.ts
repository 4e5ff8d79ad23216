import type { Endpoint } from '@millrace/endpoints';
import {
  type CloudEvent,
  type Encoded,
  encodeBinary,
  encodeData,
  encodeStructured,
  parseEvent,
  type TraceContext,
  traceContext,
} from '@millrace/events';
import { type Delivery, PermanentError } from '@millrace/streams';
import { signatureOf, webhookId } from './signature.js';

/** A request to an endpoint: the event in its format, and the headers of Standard Webhooks. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Of the event. */
  readonly source: string;
  readonly id: string;
  /** The trace that the event carries. */
  readonly trace: TraceContext | undefined;
}

const ENCODERS: Readonly<Record<Endpoint['format'], (json: string) => Encoded>> = {
  structured: encodeStructured,
  binary: encodeBinary,
  data: encodeData,
};

/** The request of one attempt; `now` is Unix milliseconds. Throws a `PermanentError` if the entry is no CloudEvent. */
export const requestOf = (delivery: Delivery, endpoint: Endpoint, now: number): WebhookRequest => {
  const { json } = delivery.event;
  const { source, id, traceparent, tracestate } = eventOf(json);
  const { headers, body } = encoded(json, endpoint);
  const sent = webhookId(source, id, endpoint.name);
  const timestamp = Math.floor(now / 1000);
  return {
    body,
    source,
    id,
    trace: traceContext(traceparent, tracestate),
    headers: {
      'user-agent': 'Millrace',
      ...authorizationOf(endpoint.url),
      ...endpoint.headers,
      ...headers,
      'webhook-id': sent,
      'webhook-timestamp': String(timestamp),
      ...(endpoint.keys.length > 0 ? { 'webhook-signature': signatureOf(endpoint.keys, sent, timestamp, body) } : {}),
    },
  };
};

const eventOf = (json: string): CloudEvent => {
  try {
    return parseEvent(json);
  } catch (cause) {
    throw new PermanentError(`not a CloudEvent: ${(cause as Error).message}`, { cause });
  }
};

const encoded = (json: string, { format }: Endpoint): Encoded => {
  try {
    return ENCODERS[format](json);
  } catch (cause) {
    throw new PermanentError(`cannot be sent: ${(cause as Error).message}`, { cause });
  }
};

const authorizationOf = ({ username, password }: URL): Record<string, string> => {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
};
