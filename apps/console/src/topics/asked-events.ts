import type { EventsQuery } from '@millrace/admin-api';
import { readPoint, refused } from '../contract/points.js';
import type { Cursor } from './cursor.js';
import { eventFilterOf } from './event-filter.js';
import type { EventRange, TopicEvents } from './topic-events.js';

/** The part of a topic that a query is about. Throws a 400, a 422 for what is no pattern. */
export const rangeOf = (query: EventsQuery, events: TopicEvents): EventRange => {
  const { from, to, limit, cursor, order, ...filter } = query;
  return {
    from: readPoint('from', from, '-'),
    to: readPoint('to', to, '+'),
    limit,
    order,
    filter: eventFilterOf(filter),
    cursor: cursor === undefined ? undefined : cursorOf(cursor, events),
  };
};

const cursorOf = (text: string, events: TopicEvents): Cursor => {
  const cursor = events.cursorOf(text);
  if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
  return cursor;
};
