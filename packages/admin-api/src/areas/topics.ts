import * as op from '../operation.js';
import * as s from '../schema.js';

const bytes = s.described(s.orNull(s.number), 'Estimate of Redis; null if unknown');
const STREAM = {
  name: s.described(s.text, '`in`, or the name of the topic'),
  length: s.number,
  added: s.described(s.number, 'Events received in total'),
  bytes,
  firstAt: s.orNull(s.ms),
  lastAt: s.orNull(s.ms),
};

/** A consumer group on a stream. */
export const StreamGroup = s.object({ group: s.text, lag: s.number, pending: s.number, consumers: s.number });
export type StreamGroup = s.Shape<typeof StreamGroup>;

/** A topic or the inbox, all its partitions together. */
export const Stream = s.model('Stream', { ...STREAM, groups: s.list(StreamGroup) });
export type Stream = s.Shape<typeof Stream>;

export const TopicList = s.object({ inbox: Stream, topics: s.list(Stream), ...op.NEXT });
export type TopicList = s.Shape<typeof TopicList>;

/** A topic by partition, group and consumer. */
export const TopicDetail = s.model('TopicDetail', {
  ...STREAM,
  partitions: s.list(
    s.object({ partition: s.number, length: s.number, bytes, firstId: s.orNull(s.text), lastId: s.orNull(s.text) }),
  ),
  groups: s.list(
    s.object({
      group: s.text,
      hop: s.described(s.orNull(s.text), 'Null if it is not registered'),
      lag: s.number,
      pending: s.number,
      oldestPendingAt: s.orNull(s.ms),
      consumers: s.list(s.object({ name: s.text, partition: s.number, pending: s.number, idleMs: s.number })),
    }),
  ),
});
export type TopicDetail = s.Shape<typeof TopicDetail>;

const EVENT = {
  streamId: s.text,
  partition: s.number,
  at: s.described(s.ms, 'When it was appended, in Unix milliseconds'),
  type: s.text,
  event: s.described(s.anything, 'The CloudEvent; its text if it is not JSON; the fields if the entry is not an event'),
};

/** An event where it is stored. */
export const StoredEvent = s.model('StoredEvent', EVENT);
export type StoredEvent = s.Shape<typeof StoredEvent>;

/** A name and its value. */
const Field: s.Schema<readonly [name: string, value: string]> = {
  type: 'array',
  prefixItems: [s.text, s.text],
  items: false,
  minItems: 2,
};

/** What a tail sends in place of events that come too fast. */
export const Dropped = s.model('Dropped', { dropped: s.number });
export type Dropped = s.Shape<typeof Dropped>;

/** One event with all that is stored of it. */
export const StoredEventDetail = s.model('StoredEventDetail', {
  ...EVENT,
  json: s.described(s.orNull(s.text), 'The event as JSON text; null if the entry is not an event'),
  bytes: s.number,
  fields: s.described(s.list(Field), 'Fields of the entry; values over 4096 characters are shortened'),
});
export type StoredEventDetail = s.Shape<typeof StoredEventDetail>;

/** A part of a list, and how far was looked for it. */
export const PAGE = {
  ...op.NEXT,
  looked: s.number,
  reachedAt: s.described(s.orNull(s.ms), 'Time of the last one searched'),
  total: s.described(s.number, 'Number to search in total'),
};

/** A part of a list that is searched. */
export const Page = s.object(PAGE, {
  undecided: s.described(s.number, 'Number whose matching exceeds the step limit'),
});
export type Page = s.Shape<typeof Page>;

/** Events of a topic. */
export const EventPage = s.model('EventPage', {
  events: s.list(StoredEvent),
  ...PAGE,
  undecided: s.described(s.number, 'How many of these exceed the step limit of matching'),
});
export type EventPage = s.Shape<typeof EventPage>;

/** Which events are meant. */
const FILTER = {
  type: s.textTo(1024, 'A type; a trailing * matches by prefix'),
  id: s.textTo(1024, 'Of the CloudEvent'),
  text: s.textTo(1024, 'Text contained in its JSON'),
  pattern: s.textTo(100_000, 'An event pattern, as JSON'),
};

export const TailQuery = s.object({}, FILTER);
export type TailQuery = s.Shape<typeof TailQuery>;

export const EventsQuery = s.object(
  {
    limit: op.LIMIT,
    order: s.described({ ...s.oneOf('newest', 'oldest'), default: 'newest' }, 'Sort order'),
  },
  { ...op.BETWEEN, cursor: op.CURSOR, ...FILTER },
);
export type EventsQuery = s.Shape<typeof EventsQuery>;

export const EventQuery = s.object({ partition: { ...s.number, default: 0, description: 'Its partition' } });
export type EventQuery = s.Shape<typeof EventQuery>;

export const TOPIC_PATHS: s.Json = {
  '/api/topics': { get: op.get('topics', 'The inbox and the topics', TopicList, op.LIST) },
  '/api/topics/{topic}': {
    get: op.getOne('topic', 'A topic by partition, group and consumer', TopicDetail, op.inPath('topic')),
  },
  '/api/topics/{topic}/events': {
    get: op.operation(
      'topicEvents',
      'Events of a topic, in pages of about 4 MiB. A short page, or an empty one with a filter, is not necessarily the last',
      {
        parameters: [...op.inPath('topic'), ...op.inQuery(EventsQuery)],
        answers: {
          200: op.answer('The page', EventPage),
          404: op.problem('Topic not found'),
          422: op.problem('Invalid pattern'),
        },
      },
    ),
  },
  '/api/topics/{topic}/events/{position}': {
    get: op.getOne('topicEvent', 'One event with its raw fields', StoredEventDetail, [
      ...op.inPath('topic'),
      op.placed('position', s.matching(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/, 'A stream id, such as 1795230491115-0')),
      ...op.inQuery(EventQuery),
    ]),
  },
  '/api/topics/{topic}/tail': {
    get: op.operation('tailTopic', 'Live tail of a topic', {
      parameters: [...op.inPath('topic'), ...op.inQuery(TailQuery)],
      answers: {
        200: op.events(
          '`event` for each, a StoredEvent; `dropped`, a Dropped, beyond 200 or 2 MiB a second; `trouble`, a Trouble',
        ),
        404: op.problem('Topic not found'),
        422: op.problem('Invalid pattern'),
      },
    }),
  },
};
