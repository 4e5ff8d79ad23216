import { answer, later, operation, problem } from '../operation.js';
import { PROBLEM, Problem } from '../problem.js';
import {
  anything,
  described,
  either,
  type Json,
  list,
  named,
  number,
  object,
  oneOf,
  type Shape,
  text,
} from '../schema.js';

const CloudEvent = named(
  'CloudEvent',
  described(
    object(
      {
        specversion: { const: '1.0' },
        id: text,
        source: described(text, 'A URI reference; with `id` it names the event'),
        type: text,
      },
      {
        subject: text,
        time: { ...text, format: 'date-time' },
        datacontenttype: text,
        dataschema: { ...text, format: 'uri' },
        partitionkey: described(text, 'Extension: events of one key stay in order'),
        data: anything,
        data_base64: described(text, 'In place of `data`'),
      },
    ),
    'A CloudEvent 1.0 (https://cloudevents.io); further members are extensions.',
  ),
);

const PlainEvent = named(
  'PlainEvent',
  described(
    object({ type: text }, { id: text, source: text, subject: text, data: anything }),
    'An event of which only `type` is required; the gateway fills in the rest. Further members are extensions.',
  ),
);

const index = described(number, 'Its index in the request');

/** What became of one event of a request. */
export const EventResult = named(
  'EventResult',
  described(
    either(
      object({
        index,
        id: text,
        status: oneOf('accepted', 'duplicate'),
        streamId: described(text, 'Its stream id; for a duplicate, that of the first one'),
      }),
      object({ index, status: oneOf('rejected'), error: Problem }, { id: text }),
    ),
    'Outcome of one event.',
  ),
);
export type EventResult = Shape<typeof EventResult>;

/** What became of the rest of a stream of which no more was read. */
export const PublishRefusal = named(
  'PublishRefusal',
  described(
    object({ from: index, error: Problem }),
    'For NDJSON: events from this one on were not read, and why; `error.retryable` says whether to resend them.',
  ),
);
export type PublishRefusal = Shape<typeof PublishRefusal>;

const results = list(EventResult, {
  description:
    'In request order; of more than 10,000 events only the first 10,000 that were not accepted. Rejections that are not ' +
    'retryable, or were not read, are listed until they take 32 KiB more than the request.',
});
const LISTED = {
  unlisted: described(number, 'Number of events that were not accepted and are not listed; absent if all are listed'),
  refused: PublishRefusal,
};

/** The body of a 202. */
export const PublishAnswer = named(
  'PublishAnswer',
  object({ accepted: number, duplicates: number, rejected: number, results }, LISTED),
);
export type PublishAnswer = Shape<typeof PublishAnswer>;

/** Why a request was refused; where its events were read, with what became of each. */
export const PublishProblem = named(
  'PublishProblem',
  described(
    object(PROBLEM.required, { ...PROBLEM.optional, results, ...LISTED }),
    'A problem detail, RFC 9457; with `results` where all events of a request were rejected.',
  ),
);
export type PublishProblem = Shape<typeof PublishProblem>;

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

const header = (name: string, description: string): Json => ({ name, in: 'header', description, schema: text });
const refused = (description: string): Json => problem(description, PublishProblem);

/** What a request that publishes is answered. */
export const PUBLISHED = {
  202: answer('At least one event was accepted or is a duplicate', PublishAnswer),
  400: refused('Malformed: not JSON, not UTF-8, a key twice, too deep'),
  403: refused('The API key may not publish, or not this source or type'),
  409: refused('An event of another type was accepted with the same source and id, or the same Idempotency-Key'),
  413: refused('The body, the batch or an event is too large'),
  415: refused('The media type or the encoding is not supported'),
  422: refused('An attribute is missing or not valid'),
  429: later(
    'The router is too far behind, or the rate limit of the API key is exceeded; nothing was accepted',
    PublishProblem,
  ),
  503: later('Redis is unavailable or full; nothing was accepted', PublishProblem),
};

export const EVENT_PATHS: Json = {
  '/v1/events': {
    post: {
      tags: ['events'],
      description:
        'One event or many. Each is appended once: a repeated `source` and `id`, or a repeated `Idempotency-Key`, of one API key, is a ' +
        'duplicate; one of another type is a conflict. An invalid event is rejected alone. Besides the forms below, binary mode accepts the attributes as `ce-` ' +
        'headers and any body.',
      ...operation('sendEvents', 'Send events', {
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
          'application/cloudevents-batch+json': { schema: list(CloudEvent), example: EXAMPLES },
          'application/json': { schema: either(PlainEvent, list(PlainEvent)), example: PLAIN },
          'application/x-ndjson': {
            schema: described(
              text,
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
