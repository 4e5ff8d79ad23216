import { decodeRequest } from '@millrace/events';
import { problem, RequestRefused } from '@millrace/host';
import { writeJson } from '@millrace/json';
import type { StreamedEvent } from '@millrace/streams';

/** A CloudEvent that stands in for one that failed, checked as the gateway checks it. Throws a 422 that says what is wrong. */
export const editedEvent = (event: Readonly<Record<string, unknown>>): StreamedEvent => {
  const [decoded] = decodeRequest({ 'content-type': 'application/cloudevents+json' }, Buffer.from(writeJson(event)), {
    defaultSource: '/',
    now: () => new Date(),
    newId: () => '',
  });
  if (decoded === undefined || !decoded.ok) {
    throw new RequestRefused(problem('invalid-event', 422, `event: ${decoded?.error.message ?? 'missing'}`, '/event'));
  }
  return { type: decoded.event.type, json: decoded.event.json };
};
