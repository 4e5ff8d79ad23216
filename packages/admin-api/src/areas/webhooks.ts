import {
  AtVersion,
  answer,
  change,
  get,
  getOne,
  inPath,
  inQuery,
  LIST,
  NEXT,
  NewestQuery,
  operation,
  problem,
  VERSION,
} from '../operation.js';
import {
  anyObject,
  closed,
  described,
  either,
  flag,
  type Json,
  judged,
  list,
  matching,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  real,
  record,
  type Schema,
  type Shape,
  text,
  whole,
  yes,
} from '../schema.js';

const TextOrTexts = either(text, list(text));
const WARNINGS = described(list(text), 'Why its deliveries are missing or delayed, each a sentence');

const ENDPOINT = {
  name: text,
  secret: described(TextOrTexts, 'whsec_…, or a list during a rotation; generated for a new endpoint'),
  signed: described(yes, 'false: its requests are not signed, and no secret is generated'),
  topics: TextOrTexts,
  pattern: either(anyObject, text),
  format: { ...oneOf('structured', 'binary', 'data'), default: 'structured' },
  headers: record(text),
  timeout: described(text, 'A duration, such as 10s'),
  rate: described(real, 'Maximum requests per second, from each process'),
  enabled: { ...yes, default: true },
};

/** An endpoint as it is written. */
export const WrittenEndpoint = named('WrittenEndpoint', closed(object({ url: text }, ENDPOINT)));
export type WrittenEndpoint = Shape<typeof WrittenEndpoint>;

/** An endpoint of the webhook sink. */
export const EndpointView = named(
  'EndpointView',
  object({
    name: text,
    endpoint: described(orNull(WrittenEndpoint), 'Null if it is defined in the file or environment of a sink'),
    about: described(
      orNull(
        object(
          { source: oneOf('file', 'environment', 'Redis'), topics: either(oneOf('*'), list(text)) },
          { pattern: text },
        ),
      ),
      'Its subscription as reported by the sink that serves it; null if none does',
    ),
    state: object(
      {},
      {
        offAt: ms,
        offReason: text,
        failingSince: described(ms, 'Time of the first failure since the last delivery'),
        failure: described(text, 'The last failure'),
        openUntil: described(ms, 'Until when retries are paused'),
      },
    ),
    waiting: number,
    deadLetters: number,
    warnings: WARNINGS,
  }),
);
export type EndpointView = Shape<typeof EndpointView>;

export const EndpointList = object({ version: number, endpoints: list(EndpointView), ...NEXT });
export type EndpointList = Shape<typeof EndpointList>;

/** What a change of an endpoint did. */
export const SavedEndpoint = named(
  'SavedEndpoint',
  object(
    {
      version: number,
      created: described(yes, 'Whether it was created'),
      changed: described(yes, 'False: nothing changed'),
      warnings: WARNINGS,
    },
    { secret: described(text, 'The generated secret, shown once') },
  ),
);
export type SavedEndpoint = Shape<typeof SavedEndpoint>;

/** One request to an endpoint. */
export const EndpointAttempt = named(
  'EndpointAttempt',
  object(
    {
      at: ms,
      attempt: number,
      type: text,
      source: described(text, 'Of the event'),
      id: text,
      stream: described(text, 'Source stream of the event'),
      position: text,
      partition: number,
      ms: described(number, 'Duration'),
    },
    {
      status: described(number, 'Status of the response; absent if there was none'),
      failure: described(text, 'Why it failed; absent if it succeeded'),
      answer: described(text, 'Beginning of the response body'),
    },
  ),
);
export type EndpointAttempt = Shape<typeof EndpointAttempt>;

export const EndpointAttemptList = object({ attempts: list(EndpointAttempt), ...NEXT });
export type EndpointAttemptList = Shape<typeof EndpointAttemptList>;

/** What enabling did. */
export const EnabledEndpoint = object({ wasOff: yes, rescheduled: number, waiting: number });
export type EnabledEndpoint = Shape<typeof EnabledEndpoint>;

export const DisabledEndpoint = object({ wasOff: yes });
export type DisabledEndpoint = Shape<typeof DisabledEndpoint>;

export const RotatedEndpoint = object({ secret: text, version: number });
export type RotatedEndpoint = Shape<typeof RotatedEndpoint>;

export const TestEvent = object({ id: text, warnings: WARNINGS });
export type TestEvent = Shape<typeof TestEvent>;

export const Resent = object({ warnings: WARNINGS });
export type Resent = Shape<typeof Resent>;

export const SecretRotation = closed(
  object(
    {},
    {
      secret: {
        ...matching(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'Whsec_ followed by base64; generated if absent'),
        writeOnly: true,
      },
    },
  ),
);
export type SecretRotation = Shape<typeof SecretRotation>;

/** Where the event stands that is to be sent again. */
export const ResendOrder = closed(
  object({
    stream: matching(/^(in|topic:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/, 'The inbox, in, or a topic such as topic:orders'),
    position: matching(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/, 'A stream id, such as 1795230491115-0'),
    partition: whole(0, 1023, { default: 0 }),
    unfiltered: flag('Even if its topics and pattern exclude the event'),
  }),
);
export type ResendOrder = Shape<typeof ResendOrder>;

const saves = (operationId: string, summary: string, body: Schema): Json =>
  change(operationId, summary, [...inPath('name'), ...VERSION], body, answer('The result', SavedEndpoint));

export const WEBHOOK_PATHS: Json = {
  '/api/webhooks': { get: get('webhooks', 'The endpoints, and their state', EndpointList, LIST) },
  '/api/webhooks/{name}': {
    get: getOne('webhook', 'One endpoint', EndpointView, inPath('name')),
    put: saves('putWebhook', 'Replaces an endpoint; its secret is kept if none is given', judged(WrittenEndpoint)),
    patch: saves(
      'changeWebhook',
      'Changes the given members; null removes one. Creates the endpoint if it does not exist',
      described(judged(anyObject), 'Members of a WrittenEndpoint'),
    ),
    delete: change(
      'deleteWebhook',
      'Deletes an endpoint; its queue is kept',
      [...inPath('name'), ...VERSION],
      undefined,
      answer('The new version', AtVersion),
    ),
  },
  '/api/webhooks/{name}/on': {
    post: operation('enableWebhook', 'Enables it and retries its queue now, including deliveries scheduled for retry', {
      parameters: inPath('name'),
      answers: {
        200: answer('The result', EnabledEndpoint),
        404: problem('Endpoint not found'),
        409: problem('It has enabled: false'),
      },
    }),
  },
  '/api/webhooks/{name}/off': {
    post: operation('disableWebhook', 'Disables it; its queue is kept', {
      parameters: inPath('name'),
      answers: {
        200: answer('The result; an endpoint that was disabled keeps its reason', DisabledEndpoint),
        404: problem('Endpoint not found'),
        409: problem('No sink serves it'),
      },
    }),
  },
  '/api/webhooks/{name}/rotate': {
    post: change(
      'rotateWebhook',
      'Rotates the secret; requests are signed with the previous one too until the next rotation',
      inPath('name'),
      SecretRotation,
      answer('The new secret, shown once', RotatedEndpoint),
    ),
  },
  '/api/webhooks/{name}/attempts': {
    get: getOne('webhookAttempts', 'Delivery attempts, newest first', EndpointAttemptList, [
      ...inPath('name'),
      ...inQuery(NewestQuery),
    ]),
  },
  '/api/webhooks/{name}/test': {
    post: operation('testWebhook', 'Sends a test event', {
      parameters: inPath('name'),
      answers: {
        202: answer('Sent', TestEvent),
        404: problem('Endpoint not found'),
      },
    }),
  },
  '/api/webhooks/{name}/resend': {
    post: operation('resendWebhook', 'Resends a retained event with the same webhook-id', {
      parameters: inPath('name'),
      body: ResendOrder,
      answers: {
        202: answer('Sent', Resent),
        404: problem('Endpoint or event not found'),
        422: problem('Its topics and pattern exclude the event'),
      },
    }),
  },
};
