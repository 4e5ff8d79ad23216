import {
  AtVersion,
  answer,
  change,
  get,
  getOne,
  inPath,
  inQuery,
  LIMIT,
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
const WARNINGS = described(list(text), 'Why it gets less, or later, than it seems, each a sentence');

const ENDPOINT = {
  name: text,
  secret: described(TextOrTexts, 'whsec_…, or a list while they are rotated; one is made for a new endpoint'),
  signed: described(yes, 'false: its requests are not signed, and no secret is made'),
  topics: TextOrTexts,
  pattern: either(anyObject, text),
  format: { ...oneOf('structured', 'binary', 'data'), default: 'structured' },
  headers: record(text),
  timeout: described(text, 'As 10s'),
  rate: described(real, 'Most requests a second, from each process'),
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
    endpoint: described(orNull(WrittenEndpoint), 'Null where it is in the file or environment of a sink'),
    about: described(
      orNull(
        object(
          { source: oneOf('file', 'environment', 'Redis'), topics: either(oneOf('*'), list(text)) },
          { pattern: text },
        ),
      ),
      'What it gets, as the sink says that serves it; null where none does',
    ),
    state: object(
      {},
      {
        offAt: ms,
        offReason: text,
        failingSince: described(ms, 'Of the first failure since something was delivered last'),
        failure: described(text, 'The last one'),
        openUntil: described(ms, 'Until when nothing is sent, because it failed again and again'),
      },
    ),
    waiting: number,
    deadLetters: number,
    warnings: WARNINGS,
  }),
);
export type EndpointView = Shape<typeof EndpointView>;

export const EndpointList = object({ version: number, endpoints: list(EndpointView) });
export type EndpointList = Shape<typeof EndpointList>;

/** What a change of an endpoint did. */
export const SavedEndpoint = named(
  'SavedEndpoint',
  object(
    {
      version: number,
      created: described(yes, 'Whether there was none of that name'),
      changed: described(yes, 'False: it was so already'),
      warnings: WARNINGS,
    },
    { secret: described(text, 'The one that was made for it, which is not shown again') },
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
      stream: described(text, 'Where the event first came from'),
      position: text,
      partition: number,
      ms: described(number, 'How long it took'),
    },
    {
      status: described(number, 'Of the answer; absent where there was none'),
      failure: described(text, 'Why it counts as failed; absent where it does not'),
      answer: described(text, 'The start of the body of the answer'),
    },
  ),
);
export type EndpointAttempt = Shape<typeof EndpointAttempt>;

export const EndpointAttemptList = object({ attempts: list(EndpointAttempt) });
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

export const AttemptsQuery = object({ limit: LIMIT });
export type AttemptsQuery = Shape<typeof AttemptsQuery>;

export const SecretRotation = closed(
  object(
    {},
    {
      secret: {
        ...matching(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'Whsec_ and base64: the new secret; one is made without it'),
        writeOnly: true,
      },
    },
  ),
);
export type SecretRotation = Shape<typeof SecretRotation>;

/** Where the event stands that is to be sent again. */
export const ResendOrder = closed(
  object({
    stream: matching(/^(in|topic:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/, 'The inbox, in, or a topic, as topic:orders'),
    position: matching(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/, 'A stream id, as 1795230491115-0'),
    partition: whole(0, 1023, { default: 0 }),
    unfiltered: flag('Also where its topics and pattern leave the event out'),
  }),
);
export type ResendOrder = Shape<typeof ResendOrder>;

const saves = (operationId: string, summary: string, body: Schema): Json =>
  change(operationId, summary, [...inPath('name'), ...VERSION], body, answer('What was done', SavedEndpoint));

export const WEBHOOK_PATHS: Json = {
  '/api/webhooks': { get: get('webhooks', 'The endpoints, and their state', EndpointList) },
  '/api/webhooks/{name}': {
    get: getOne('webhook', 'One endpoint', EndpointView, inPath('name')),
    put: saves(
      'putWebhook',
      'Writes an endpoint in place of what there is; only its secret stays, if none is given',
      judged(WrittenEndpoint),
    ),
    patch: saves(
      'changeWebhook',
      'Changes what is named and nothing else, null takes it away; makes one where there is none',
      described(judged(anyObject), 'Members of a WrittenEndpoint'),
    ),
    delete: change(
      'deleteWebhook',
      'Deletes an endpoint; what waits for it stays',
      [...inPath('name'), ...VERSION],
      undefined,
      answer('The new version', AtVersion),
    ),
  },
  '/api/webhooks/{name}/on': {
    post: operation('enableWebhook', 'Enables it and has it tried now, also what is scheduled for later', {
      parameters: inPath('name'),
      answers: {
        200: answer('What was done', EnabledEndpoint),
        404: problem('There is no such endpoint'),
        409: problem('It is written with enabled: false'),
      },
    }),
  },
  '/api/webhooks/{name}/off': {
    post: operation('disableWebhook', 'Disables it: it gets nothing more; its queue is kept', {
      parameters: inPath('name'),
      answers: {
        200: answer('What was done; one that was disabled stays so for its reason', DisabledEndpoint),
        404: problem('There is no such endpoint'),
        409: problem('No sink serves it'),
      },
    }),
  },
  '/api/webhooks/{name}/rotate': {
    post: change(
      'rotateWebhook',
      'Adds a secret; until the next time the one before signs too',
      inPath('name'),
      SecretRotation,
      answer('The new secret, which is not shown again', RotatedEndpoint),
    ),
  },
  '/api/webhooks/{name}/attempts': {
    get: getOne('webhookAttempts', 'Requests to it, newest first', EndpointAttemptList, [
      ...inPath('name'),
      ...inQuery(AttemptsQuery),
    ]),
  },
  '/api/webhooks/{name}/test': {
    post: operation('testWebhook', 'Sends it an event of our own', {
      parameters: inPath('name'),
      answers: {
        202: answer('It is on its way', TestEvent),
        404: problem('There is no such endpoint'),
      },
    }),
  },
  '/api/webhooks/{name}/resend': {
    post: operation('resendWebhook', 'Sends a retained event again, with the same webhook-id', {
      parameters: inPath('name'),
      body: ResendOrder,
      answers: {
        202: answer('It is on its way', Resent),
        404: problem('There is no such endpoint, or no such event'),
        422: problem('Its topics and pattern leave the event out'),
      },
    }),
  },
};
