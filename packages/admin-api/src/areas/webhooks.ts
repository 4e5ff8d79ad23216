import * as op from '../operation.js';
import * as s from '../schema.js';

const TextOrTexts = s.either(s.text, s.list(s.text));
const WARNINGS = s.described(s.list(s.text), 'Why its deliveries are missing or delayed, each a sentence');

const ENDPOINT = {
  name: s.text,
  secret: s.described(TextOrTexts, 'whsec_…, or a list during a rotation; generated for a new endpoint'),
  signed: s.described(s.yes, 'false: its requests are not signed, and no secret is generated'),
  topics: TextOrTexts,
  pattern: s.either(s.anyObject, s.text),
  format: { ...s.oneOf('structured', 'binary', 'data'), default: 'structured' },
  headers: s.record(s.text),
  timeout: s.described(s.text, 'A duration, such as 10s'),
  rate: s.described(s.real, 'Maximum requests per second, from each process'),
  enabled: { ...s.yes, default: true },
};

/** An endpoint as it is written. */
export const WrittenEndpoint = s.named('WrittenEndpoint', s.closed({ url: s.text }, ENDPOINT));
export type WrittenEndpoint = s.Shape<typeof WrittenEndpoint>;

/** An endpoint of the webhook sink. */
export const EndpointView = s.model('EndpointView', {
  name: s.text,
  endpoint: s.described(s.orNull(WrittenEndpoint), 'Null if it is defined in the file or environment of a sink'),
  about: s.described(
    s.orNull(
      s.object(
        { source: s.oneOf('file', 'environment', 'Redis'), topics: s.either(s.oneOf('*'), s.list(s.text)) },
        { pattern: s.text },
      ),
    ),
    'Its subscription as reported by the sink that serves it; null if none does',
  ),
  state: s.object(
    {},
    {
      offAt: s.ms,
      offReason: s.text,
      failingSince: s.described(s.ms, 'Time of the first failure since the last delivery'),
      failure: s.described(s.text, 'The last failure'),
      openUntil: s.described(s.ms, 'Until when retries are paused'),
    },
  ),
  waiting: s.number,
  deadLetters: s.number,
  warnings: WARNINGS,
});
export type EndpointView = s.Shape<typeof EndpointView>;

export const EndpointList = s.object({ version: s.number, endpoints: s.list(EndpointView), ...op.NEXT });
export type EndpointList = s.Shape<typeof EndpointList>;

/** What a change of an endpoint did. */
export const SavedEndpoint = s.model(
  'SavedEndpoint',
  {
    version: s.number,
    created: s.described(s.yes, 'Whether it was created'),
    changed: s.described(s.yes, 'False: nothing changed'),
    warnings: WARNINGS,
  },
  { secret: s.described(s.text, 'The generated secret, shown once') },
);
export type SavedEndpoint = s.Shape<typeof SavedEndpoint>;

/** One request to an endpoint. */
export const EndpointAttempt = s.model(
  'EndpointAttempt',
  {
    at: s.ms,
    attempt: s.number,
    type: s.text,
    source: s.described(s.text, 'Of the event'),
    id: s.text,
    stream: s.described(s.text, 'Source stream of the event'),
    position: s.text,
    partition: s.number,
    ms: s.described(s.number, 'Duration'),
  },
  {
    status: s.described(s.number, 'Status of the response; absent if there was none'),
    failure: s.described(s.text, 'Why it failed; absent if it succeeded'),
    answer: s.described(s.text, 'Beginning of the response body'),
  },
);
export type EndpointAttempt = s.Shape<typeof EndpointAttempt>;

export const EndpointAttemptList = s.object({ attempts: s.list(EndpointAttempt), ...op.NEXT });
export type EndpointAttemptList = s.Shape<typeof EndpointAttemptList>;

/** What enabling did. */
export const EnabledEndpoint = s.object({ wasOff: s.yes, rescheduled: s.number, waiting: s.number });
export type EnabledEndpoint = s.Shape<typeof EnabledEndpoint>;

export const DisabledEndpoint = s.object({ wasOff: s.yes });
export type DisabledEndpoint = s.Shape<typeof DisabledEndpoint>;

export const RotatedEndpoint = s.object({ secret: s.text, version: s.number });
export type RotatedEndpoint = s.Shape<typeof RotatedEndpoint>;

export const TestEvent = s.object({ id: s.text, warnings: WARNINGS });
export type TestEvent = s.Shape<typeof TestEvent>;

export const Resent = s.object({ warnings: WARNINGS });
export type Resent = s.Shape<typeof Resent>;

export const SecretRotation = s.closed(
  {},
  {
    secret: {
      ...s.matching(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'Whsec_ followed by base64; generated if absent'),
      writeOnly: true,
    },
  },
);
export type SecretRotation = s.Shape<typeof SecretRotation>;

/** Where the event stands that is to be sent again. */
export const ResendOrder = s.closed({
  stream: s.matching(/^(in|topic:[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/, 'The inbox, in, or a topic such as topic:orders'),
  position: s.matching(/^\d{1,16}-\d{1,16}(\.\d{1,4})?$/, 'A stream id, such as 1795230491115-0'),
  partition: s.whole(0, 1023, { default: 0 }),
  unfiltered: s.flag('Even if its topics and pattern exclude the event'),
});
export type ResendOrder = s.Shape<typeof ResendOrder>;

const saves = (operationId: string, summary: string, body: s.Schema): s.Json =>
  op.change(operationId, summary, [...op.inPath('name'), ...op.VERSION], body, op.answer('The result', SavedEndpoint));

export const WEBHOOK_PATHS: s.Json = {
  '/api/webhooks': { get: op.get('webhooks', 'The endpoints, and their state', EndpointList, op.LIST) },
  '/api/webhooks/{name}': {
    get: op.getOne('webhook', 'One endpoint', EndpointView, op.inPath('name')),
    put: saves('putWebhook', 'Replaces an endpoint; its secret is kept if none is given', s.judged(WrittenEndpoint)),
    patch: saves(
      'changeWebhook',
      'Changes the given members; null removes one. Creates the endpoint if it does not exist',
      s.described(s.judged(s.anyObject), 'Members of a WrittenEndpoint'),
    ),
    delete: op.change(
      'deleteWebhook',
      'Deletes an endpoint; its queue is kept',
      [...op.inPath('name'), ...op.VERSION],
      undefined,
      op.answer('The new version', op.AtVersion),
    ),
  },
  '/api/webhooks/{name}/on': {
    post: op.operation(
      'enableWebhook',
      'Enables it and retries its queue now, including deliveries scheduled for retry',
      {
        parameters: op.inPath('name'),
        answers: {
          200: op.answer('The result', EnabledEndpoint),
          404: op.problem('Endpoint not found'),
          409: op.problem('It has enabled: false'),
        },
      },
    ),
  },
  '/api/webhooks/{name}/off': {
    post: op.operation('disableWebhook', 'Disables it; its queue is kept', {
      parameters: op.inPath('name'),
      answers: {
        200: op.answer('The result; an endpoint that was disabled keeps its reason', DisabledEndpoint),
        404: op.problem('Endpoint not found'),
        409: op.problem('No sink serves it'),
      },
    }),
  },
  '/api/webhooks/{name}/rotate': {
    post: op.change(
      'rotateWebhook',
      'Rotates the secret; requests are signed with the previous one too until the next rotation',
      op.inPath('name'),
      SecretRotation,
      op.answer('The new secret, shown once', RotatedEndpoint),
    ),
  },
  '/api/webhooks/{name}/attempts': {
    get: op.getOne('webhookAttempts', 'Delivery attempts, newest first', EndpointAttemptList, [
      ...op.inPath('name'),
      ...op.inQuery(op.NewestQuery),
    ]),
  },
  '/api/webhooks/{name}/test': {
    post: op.operation('testWebhook', 'Sends a test event', {
      parameters: op.inPath('name'),
      answers: {
        202: op.answer('Sent', TestEvent),
        404: op.problem('Endpoint not found'),
      },
    }),
  },
  '/api/webhooks/{name}/resend': {
    post: op.operation('resendWebhook', 'Resends a retained event with the same webhook-id', {
      parameters: op.inPath('name'),
      body: ResendOrder,
      answers: {
        202: op.answer('Sent', Resent),
        404: op.problem('Endpoint or event not found'),
        422: op.problem('Its topics and pattern exclude the event'),
      },
    }),
  },
};
