import { type Delivery, type Outcome, PermanentError, topicStream } from '@millrace/streams';
import type { RouteTable } from './routes/route-table.js';

const NO_EVENT = new PermanentError(
  'the entry holds no CloudEvent: its fields "type" and "event" are missing or empty',
);

/** Where an event goes. Pure. What cannot be decoded is rejected: it would fail every time. */
export const routeEvent = (delivery: Delivery, table: RouteTable): Outcome => {
  const { event } = delivery;
  if (event.type === '' || event.json === '') return { kind: 'reject', cause: NO_EVENT };
  try {
    return { kind: 'forward', to: table.topicsOf(event).map((topic) => ({ to: topicStream(topic), event })) };
  } catch (cause) {
    const message = `the event cannot be decoded: ${(cause as Error).message}`;
    return { kind: 'reject', cause: new PermanentError(message, { cause }) };
  }
};
