import {
  answer,
  BETWEEN,
  CURSOR,
  events,
  get,
  getOne,
  inPath,
  inQuery,
  LIMIT,
  LIST,
  NEXT,
  operation,
  placed,
  problem,
} from '../operation.js';
import {
  anything,
  described,
  type Json,
  list,
  matching,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  type Schema,
  type Shape,
  text,
  textTo,
} from '../schema.js';

const bytes = described(orNull(number), 'Estimate of Redis; null if unknown');
const STREAM = {
  name: described(text, '`in`, or the name of the topic'),
  length: number,
  added: described(number, 'Events received in total'),
  bytes,
  firstAt: orNull(ms),
  lastAt: orNull(ms),
};

/** A consumer group on a stream. */
export const StreamGroup = object({ group: text, lag: number, pending: number, consumers: number });
export type StreamGroup = Shape<typeof StreamGroup>;

/** A topic or the inbox, all its partitions together. */
export const Stream = named('Stream', object({ ...STREAM, groups: list(StreamGroup) }));
export type Stream = Shape<typeof Stream>;

export const TopicList = object({ inbox: Stream, topics: list(Stream), ...NEXT });
export type TopicList = Shape<typeof TopicList>;

/** A topic by partition, group and consumer. */
export const TopicDetail = named(
  'TopicDetail',
  object({
    ...STREAM,
    partitions: list(object({ partition: number, length: number, bytes, firstId: orNull(text), lastId: orNull(text) })),
    groups: list(
      object({
        group: text,
        hop: described(orNull(text), 'Null if it is not registered'),
        lag: number,
        pending: number,
        oldestPendingAt: orNull(ms),
        consumers: list(object({ name: text, partition: number, pending: number, idleMs: number })),
      }),
    ),
  }),
);
export type TopicDetail = Shape<typeof TopicDetail>;

const EVENT = {
  streamId: text,
  partition: number,
  at: described(ms, 'When it was appended, in Unix milliseconds'),
  type: text,
  event: described(anything, 'The CloudEvent; its text if it is not JSON; the fields if the entry is not an event'),
};

/** An event where it is stored. */
export const StoredEvent = named('StoredEvent', object(EVENT));
export type StoredEvent = Shape<typeof StoredEvent>;

/** A name and its value. */
const Field: Schema<readonly [name: string, value: string]> = {
  type: 'array',
  prefixItems: [text, text],
  items: false,
  minItems: 2,
};

/** What a tail sends in place of events that come too fast. */
export const Dropped = named('Dropped', object({ dropped: number }));
export type Dropped = Shape<typeof Dropped>;

/** One event with all that is stored of it. */
export const StoredEventDetail = named(
  'StoredEventDetail',
  object({
    ...EVENT,
    json: described(orNull(text), 'The event as JSON text; null if the entry is not an event'),
    bytes: number,
    fields: described(list(Field), 'Fields of the entry; values over 4096 characters are shortened'),
  }),
);
export type StoredEventDetail = Shape<typeof StoredEventDetail>;

/** A part of a list, and how far was looked for it. */
export const PAGE = {
  ...NEXT,
  looked: number,
  reachedAt: described(orNull(ms), 'Time of the last one searched'),
  total: described(number, 'Number to search in total'),
};

/** A part of a list that is searched. */
export const Page = object(PAGE, {
  undecided: described(number, 'Number whose matching exceeds the step limit'),
});
export type Page = Shape<typeof Page>;

/** Events of a topic. */
export const EventPage = named(
  'EventPage',
  object({
    events: list(StoredEvent),
    ...PAGE,
    undecided: described(number, 'How many of these exceed the step limit of matching'),
  }),
);
export type EventPage = Shape<typeof EventPage>;

/** Which events are meant. */
const FILTER = {
  type: textTo(1024, 'A type; a trailing * matches by prefix'),
  id: textTo(1024, 'Of the CloudEvent'),
  text: textTo(1024, 'Text contained in its JSON'),
  pattern: textTo(100_000, 'An event pattern, as JSON'),
};

export const TailQuery = object({}, FILTER);
export type TailQuery = Shape<typeof TailQuery>;

export const EventsQuery = object(
  {
    limit: LIMIT,
    order: described({ ...oneOf('newest', 'oldest'), default: 'newest' }, 'Sort order'),
  },
  { ...BETWEEN, cursor: CURSOR, ...FILTER },
);
export type EventsQuery = Shape<typeof EventsQuery>;

export const EventQuery = object({ partition: { ...number, default: 0, description: 'Its partition' } });
export type EventQuery = Shape<typeof EventQuery>;

export const TOPIC_PATHS: Json = {
  '/api/topics': { get: get('topics', 'The inbox and the topics', TopicList, LIST) },
  '/api/topics/{topic}': {
    get: getOne('topic', 'A topic by partition, group and consumer', TopicDetail, inPath('topic')),
  },
  '/api/topics/{topic}/events': {
    get: operation(
      'topicEvents',
      'Events of a topic, in pages of about 4 MiB. A short page, or an empty one with a filter, is not necessarily the last',
      {
        parameters: [...inPath('topic'), ...inQuery(EventsQuery)],
        answers: {
          200: answer('The page', EventPage),
          404: problem('Topic not found'),
          422: problem('Invalid pattern'),
        },
      },
    ),
  },
  '/api/topics/{topic}/events/{position}': {
    get: getOne('topicEvent', 'One event with its raw fields', StoredEventDetail, [
      ...inPath('topic'),
      placed('position', matching(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/, 'A stream id, such as 1795230491115-0')),
      ...inQuery(EventQuery),
    ]),
  },
  '/api/topics/{topic}/tail': {
    get: operation('tailTopic', 'Live tail of a topic', {
      parameters: [...inPath('topic'), ...inQuery(TailQuery)],
      answers: {
        200: events(
          '`event` for each, a StoredEvent; `dropped`, a Dropped, beyond 200 or 2 MiB a second; `trouble`, a Trouble',
        ),
        404: problem('Topic not found'),
        422: problem('Invalid pattern'),
      },
    }),
  },
};
