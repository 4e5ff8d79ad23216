import { JobState } from '../job-state.js';
import * as op from '../operation.js';
import * as s from '../schema.js';
import { PAGE } from './topics.js';

/** An event that a service dead-lettered. */
export const DeadLetter = s.model(
  'DeadLetter',
  {
    id: s.text,
    partition: s.number,
    hop: s.text,
    group: s.text,
    consumer: s.text,
    stream: s.described(s.text, 'Source stream of the event'),
    position: s.text,
    error: s.described(s.text, 'Class of the error'),
    message: s.text,
    attempts: s.number,
    firstFailedAt: s.ms,
    lastFailedAt: s.ms,
    history: s.list(s.object({ at: s.ms, attempt: s.number, error: s.text })),
    event: s.described(s.orNull(s.text), 'The original event as JSON text; null if its payload was trimmed'),
  },
  {
    type: s.described(s.text, 'Of the event'),
    stack: s.text,
    trace: s.described(s.text, 'The traceparent of the event'),
    fields: s.described(s.list(s.text), 'Names and values of an entry that is not an event'),
  },
);
export type DeadLetter = s.Shape<typeof DeadLetter>;

export const DeadLetterPage = s.model('DeadLetterPage', { deadLetters: s.list(DeadLetter), ...PAGE });
export type DeadLetterPage = s.Shape<typeof DeadLetterPage>;

const FILTER = {
  hop: s.textTo(200, 'Service, such as sink-postgres'),
  group: s.textTo(200, 'Consumer group'),
  error: s.textTo(200, 'Class of the error'),
  stream: s.textTo(200, 'Source stream, such as topic:orders'),
  type: s.textTo(1024, 'Type of the event'),
  text: s.textTo(1024, 'Text contained in the message or the event'),
  ...op.BETWEEN,
};

/** Which dead letters are meant; what is left out does not matter. */
export const DeadLetterFilter = s.named('DeadLetterFilter', s.closed({}, FILTER));
export type DeadLetterFilter = s.Shape<typeof DeadLetterFilter>;

/** Dead letters of one group that died of one class of error. */
export const DeadLetterGroup = s.model('DeadLetterGroup', {
  group: s.text,
  hop: s.text,
  error: s.text,
  message: s.described(s.text, 'Message of the newest'),
  count: s.number,
  isExact: s.described(s.yes, 'False: the count is a lower bound'),
  newestAt: s.ms,
  oldestAt: s.ms,
  streams: s.list(s.text),
});
export type DeadLetterGroup = s.Shape<typeof DeadLetterGroup>;

export const DeadLetterGroups = s.object({ total: s.number, looked: s.number, errors: s.list(DeadLetterGroup) });
export type DeadLetterGroups = s.Shape<typeof DeadLetterGroups>;

/** A redrive of many dead letters. */
export const Redrive = s.model(
  'Redrive',
  {
    id: s.text,
    filter: DeadLetterFilter,
    perSecond: s.number,
    who: s.text,
    startedAt: s.ms,
    state: JobState,
    matched: s.described(s.number, 'Number of matches at the start'),
    redriven: s.number,
    withoutPayload: s.described(s.number, 'Not redriven: their payload was trimmed before delivery'),
  },
  { error: s.text },
);
export type Redrive = s.Shape<typeof Redrive>;

export const RedriveList = s.object({ redrives: s.list(Redrive), ...op.NEXT });
export type RedriveList = s.Shape<typeof RedriveList>;

/** What a redrive would send. */
export const RedrivePreview = s.object({
  matched: s.number,
  warnings: s.described(s.list(s.text), 'Why delivery of some would be delayed'),
});
export type RedrivePreview = s.Shape<typeof RedrivePreview>;

export const Purged = s.object({ purged: s.number });
export type Purged = s.Shape<typeof Purged>;

export const PurgePreview = s.object({ matched: s.number });
export type PurgePreview = s.Shape<typeof PurgePreview>;

export const Redriven = s.object({ redriven: s.number });
export type Redriven = s.Shape<typeof Redriven>;

export const DeadLetterQuery = s.object({ limit: op.LIMIT }, { ...FILTER, cursor: op.CURSOR });
export type DeadLetterQuery = s.Shape<typeof DeadLetterQuery>;

/** A purge as it is asked for. */
export const PurgeOrder = s.closed({ filter: DeadLetterFilter, ...op.DRY_RUN });
export type PurgeOrder = s.Shape<typeof PurgeOrder>;

/** A redrive as it is asked for. */
export const RedriveOrder = s.closed({
  filter: DeadLetterFilter,
  ...op.DRY_RUN,
  perSecond: s.whole(1, 100_000, { default: 100, description: 'Maximum dead letters per second' }),
});
export type RedriveOrder = s.Shape<typeof RedriveOrder>;

/** What is sent in place of the event that failed. */
export const Replacement = s.closed({}, { event: s.described(s.anyObject, 'A CloudEvent') });
export type Replacement = s.Shape<typeof Replacement>;

export const DEAD_LETTER_PATHS: s.Json = {
  '/api/dead-letters': {
    get: op.get(
      'deadLetters',
      'Dead letters, newest first, in pages of about 4 MiB. A short page is not necessarily the last',
      DeadLetterPage,
      op.inQuery(DeadLetterQuery),
    ),
  },
  '/api/dead-letters/groups': {
    get: op.get(
      'deadLetterGroups',
      'Counts by consumer group and error class, over the newest thousand of each group (fewer if there are many or large groups)',
      DeadLetterGroups,
      op.inQuery(s.object({}, FILTER)),
    ),
  },
  '/api/dead-letters/redrive': {
    post: op.operation('redriveDeadLetters', 'Redrives all matching dead letters, each to its own consumer group', {
      body: RedriveOrder,
      answers: {
        200: op.answer('Result of a dry run', RedrivePreview),
        202: op.answer('Started', Redrive),
        409: op.problem('No matches'),
      },
    }),
  },
  '/api/dead-letters/redrives': {
    get: op.get('redrives', 'Redrives of all consoles, newest first', RedriveList, op.LIST),
  },
  '/api/dead-letters/redrives/{id}': {
    get: op.getOne('redrive', 'Progress of a redrive', Redrive, op.inPath('id')),
    delete: op.stopJob('stopRedrive', 'Stops a redrive; the rest stay dead letters', 'Redrive not found'),
  },
  '/api/dead-letters/purge': {
    post: op.operation('purgeDeadLetters', 'Deletes all matching dead letters permanently', {
      body: PurgeOrder,
      answers: { 200: op.answer('Number deleted; `matched` for a dry run', s.either(Purged, PurgePreview)) },
    }),
  },
  '/api/dead-letters/{group}/{partition}/{id}': {
    get: op.getOne('deadLetter', 'One dead letter', DeadLetter, op.inPath('group', 'partition', 'id')),
  },
  '/api/dead-letters/{group}/{partition}/{id}/redrive': {
    post: op.operation('redriveDeadLetter', 'Redrives one dead letter, unchanged or with another event in its place', {
      parameters: op.inPath('group', 'partition', 'id'),
      body: Replacement,
      answers: {
        200: op.answer('1; 0 if it was already redriven or purged', Redriven),
        404: op.problem('Dead letter not found'),
        422: op.problem('The event is invalid or missing'),
      },
    }),
  },
};
