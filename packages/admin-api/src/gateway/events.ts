import * as op from '../operation.js';
import { PROBLEM, Problem } from '../problem.js';
import * as s from '../schema.js';

const CloudEvent = s.named(
  'CloudEvent',
  s.described(
    s.object(
      {
        specversion: { const: '1.0' },
        id: s.text,
        source: s.described(s.text, 'A URI reference; with `id` it names the event'),
        type: s.text,
      },
      {
        subject: s.text,
        time: { ...s.text, format: 'date-time' },
        datacontenttype: s.text,
        dataschema: { ...s.text, format: 'uri' },
        partitionkey: s.described(s.text, 'Extension: events of one key stay in order'),
        data: s.anything,
        data_base64: s.described(s.text, 'In place of `data`'),
      },
    ),
    'A CloudEvent 1.0 (https://cloudevents.io); further members are extensions.',
  ),
);

const PlainEvent = s.named(
  'PlainEvent',
  s.described(
    s.object({ type: s.text }, { id: s.text, source: s.text, subject: s.text, data: s.anything }),
    'An event of which only `type` is required; the gateway fills in the rest. Further members are extensions.',
  ),
);

const index = s.described(s.number, 'Its index in the request');

/** What became of one event of a request. */
export const EventResult = s.named(
  'EventResult',
  s.described(
    s.either(
      s.object({
        index,
        id: s.text,
        status: s.oneOf('accepted', 'duplicate'),
        streamId: s.described(s.text, 'Its stream id; for a duplicate, that of the first one'),
      }),
      s.object({ index, status: s.oneOf('rejected'), error: Problem }, { id: s.text }),
    ),
    'Outcome of one event.',
  ),
);
export type EventResult = s.Shape<typeof EventResult>;

/** What became of the rest of a stream of which no more was read. */
export const PublishRefusal = s.named(
  'PublishRefusal',
  s.described(
    s.object({ from: index, error: Problem }),
    'For NDJSON: events from this one on were not read, and why; `error.retryable` says whether to resend them.',
  ),
);
export type PublishRefusal = s.Shape<typeof PublishRefusal>;

const results = s.list(EventResult, {
  description:
    'In request order; of more than 10,000 events only the first 10,000 that were not accepted. Rejections that are not ' +
    'retryable, or were not read, are listed until they take 32 KiB more than the request.',
});
const LISTED = {
  unlisted: s.described(
    s.number,
    'Number of events that were not accepted and are not listed; absent if all are listed',
  ),
  refused: PublishRefusal,
};

/** The body of a 202. */
export const PublishAnswer = s.model(
  'PublishAnswer',
  { accepted: s.number, duplicates: s.number, rejected: s.number, results },
  LISTED,
);
export type PublishAnswer = s.Shape<typeof PublishAnswer>;

/** Why a request was refused; where its events were read, with what became of each. */
export const PublishProblem = s.named(
  'PublishProblem',
  s.described(
    s.object(PROBLEM.required, { ...PROBLEM.optional, results, ...LISTED }),
    'A problem detail, RFC 9457; with `results` where all events of a request were rejected.',
  ),
);
export type PublishProblem = s.Shape<typeof PublishProblem>;

const EXAMPLE = {
  specversion: '1.0',
  id: 'order-7',
  source: '/shop',
  type: 'order.paid',
  subject: 'customer-3',
  data: { amount: 12.5 },
};
const { specversion: _, source: __, id: ___, ...PLAIN } = EXAMPLE;
const EXAMPLES = [EXAMPLE, { ...EXAMPLE, id: 'order-8' }];

const header = (name: string, description: string): s.Json => ({ name, in: 'header', description, schema: s.text });
const refused = (description: string): s.Json => op.problem(description, PublishProblem);

/** What a request that publishes is answered. */
export const PUBLISHED = {
  202: op.answer('At least one event was accepted or is a duplicate', PublishAnswer),
  400: refused('Malformed: not JSON, not UTF-8, a key twice, too deep'),
  403: refused('The API key may not publish, or not this source or type'),
  409: refused('An event of another type was accepted with the same source and id, or the same Idempotency-Key'),
  413: refused('The body, the batch or an event is too large'),
  415: refused('The media type or the encoding is not supported'),
  422: refused('An attribute is missing or not valid'),
  429: op.later(
    'The router is too far behind, or the rate limit of the API key is exceeded; nothing was accepted',
    PublishProblem,
  ),
  503: op.later('Redis is unavailable or full; nothing was accepted', PublishProblem),
};

export const EVENT_PATHS: s.Json = {
  '/v1/events': {
    post: {
      tags: ['events'],
      description:
        'One event or many. Each is appended once: a repeated `source` and `id`, or a repeated `Idempotency-Key`, of one API key, is a ' +
        'duplicate; one of another type is a conflict. An invalid event is rejected alone. Besides the forms below, binary mode accepts the attributes as `ce-` ' +
        'headers and any body.',
      ...op.operation('sendEvents', 'Send events', {
        parameters: [
          header(
            'Idempotency-Key',
            'Deduplicates the request: resent with the same key, it is accepted once. In a batch it stands for key/index.',
          ),
          ...['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-subject', 'ce-time'].map((name) =>
            header(name, 'Binary mode; percent-encoded if not ASCII'),
          ),
        ],
        answers: PUBLISHED,
      }),
      requestBody: {
        required: true,
        content: {
          'application/cloudevents+json': { schema: CloudEvent, example: EXAMPLE },
          'application/cloudevents-batch+json': { schema: s.list(CloudEvent), example: EXAMPLES },
          'application/json': { schema: s.either(PlainEvent, s.list(PlainEvent)), example: PLAIN },
          'application/x-ndjson': {
            schema: s.described(
              s.text,
              'One event per line, of any total length. Read until rejected events outnumber the others by more than 2,000, ' +
                'or the rate limit of the API key is reached: the rest is `refused`.',
            ),
            example: EXAMPLES.map((event) => `${JSON.stringify(event)}\n`).join(''),
          },
        },
      },
    },
  },
};
