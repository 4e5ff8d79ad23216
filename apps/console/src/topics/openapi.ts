import { get, inPath, query, RANGE, withNotFound } from '../openapi/operation.js';
import { type Json, list, ms, number, object, orNull, ref, text } from '../openapi/schema.js';

const bytes = { ...orNull(number), description: 'As Redis estimates it; null where it does not tell' };
const STREAM = {
  name: text,
  length: number,
  added: { ...number, description: 'Events that were ever added' },
  bytes,
  firstAt: orNull(ms),
  lastAt: orNull(ms),
};
const EVENT = { streamId: text, partition: number, at: ms, type: text, event: {} };

/** Which events are meant. */
const FILTER = [
  query('type', 'A type, or the beginning of types and *'),
  query('id', 'Of the CloudEvent'),
  query('text', 'What its JSON contains'),
  query('pattern', 'An event pattern, as JSON'),
];

export const TOPIC_SCHEMAS: Json = {
  Stream: object({ ...STREAM, groups: list(object({ group: text, lag: number, pending: number, consumers: number })) }),
  Topic: object({
    ...STREAM,
    partitions: list(object({ partition: number, length: number, bytes, firstId: orNull(text), lastId: orNull(text) })),
    groups: list(
      object({
        group: text,
        hop: { ...orNull(text), description: 'Null where nobody registered it' },
        lag: number,
        pending: number,
        oldestPendingAt: orNull(ms),
        consumers: list(object({ name: text, partition: number, pending: number, idleMs: number })),
      }),
    ),
  }),
  Event: object(EVENT),
  WholeEvent: object({
    ...EVENT,
    json: { ...orNull(text), description: 'As it came in; null where the entry holds no event' },
    bytes: number,
    fields: {
      ...list(list(text)),
      description: 'Names and values of the entry; those of more than 4096 characters shortened',
    },
  }),
};

/** How far a search has come. */
const LOOKED = {
  looked: number,
  undecided: { ...number, description: 'Of these, how many take more steps to match than an event may' },
  reachedAt: { ...orNull(ms), description: 'Of the last event that was looked at' },
  total: { ...number, description: 'Events that the topic holds' },
};

/** The paths of topics in the OpenAPI document. */
export const TOPIC_PATHS: Json = {
  '/api/topics': get(
    'topics',
    'The inbox and the topics',
    object({ inbox: ref('Stream'), topics: list(ref('Stream')) }),
  ),
  '/api/topics/{topic}': withNotFound(
    get('topic', 'A topic by partition, group and consumer', ref('Topic'), inPath('topic')),
  ),
  '/api/topics/{topic}/events': withNotFound(
    get(
      'topicEvents',
      'Events of a topic, page by page, of about 4 MiB. A page may be short, with a filter also empty, and not the last',
      object({ events: list(ref('Event')), next: orNull(text), ...LOOKED }),
      [
        ...inPath('topic'),
        ...RANGE,
        query('cursor', 'The `next` of an earlier page'),
        query('order', 'Which come first', { enum: ['newest', 'oldest'], default: 'newest' }),
        ...FILTER,
      ],
    ),
  ),
  '/api/topics/{topic}/events/{position}': withNotFound(
    get('topicEvent', 'One event with its raw fields', ref('WholeEvent'), [
      ...inPath('topic', 'position'),
      query('partition', 'Where it stands', { ...number, default: 0 }),
    ]),
  ),
  '/api/topics/{topic}/tail': withNotFound(
    get('tailTopic', 'Server-sent events: `event` for each that comes, `dropped` beyond 200 or 2 MiB a second', text, [
      ...inPath('topic'),
      ...FILTER,
    ]),
  ),
};
