import { JobState } from '../job-state.js';
import {
  answer,
  BETWEEN,
  CURSOR,
  DRY_RUN,
  get,
  getOne,
  inPath,
  inQuery,
  LIMIT,
  LIST,
  NEXT,
  nothing,
  operation,
  problem,
} from '../operation.js';
import {
  anyObject,
  closed,
  described,
  either,
  type Json,
  list,
  ms,
  named,
  number,
  object,
  orNull,
  type Shape,
  text,
  textTo,
  whole,
  yes,
} from '../schema.js';
import { PAGE } from './topics.js';

/** An event that a service dead-lettered. */
export const DeadLetter = named(
  'DeadLetter',
  object(
    {
      id: text,
      partition: number,
      hop: text,
      group: text,
      consumer: text,
      stream: described(text, 'Source stream of the event'),
      position: text,
      error: described(text, 'Class of the error'),
      message: text,
      attempts: number,
      firstFailedAt: ms,
      lastFailedAt: ms,
      history: list(object({ at: ms, attempt: number, error: text })),
      event: described(orNull(text), 'The original event as JSON text; null if its payload was trimmed'),
    },
    {
      type: described(text, 'Of the event'),
      stack: text,
      trace: described(text, 'The traceparent of the event'),
      fields: described(list(text), 'Names and values of an entry that is not an event'),
    },
  ),
);
export type DeadLetter = Shape<typeof DeadLetter>;

export const DeadLetterPage = named('DeadLetterPage', object({ deadLetters: list(DeadLetter), ...PAGE }));
export type DeadLetterPage = Shape<typeof DeadLetterPage>;

const FILTER = {
  hop: textTo(200, 'Service, such as sink-postgres'),
  group: textTo(200, 'Consumer group'),
  error: textTo(200, 'Class of the error'),
  stream: textTo(200, 'Source stream, such as topic:orders'),
  type: textTo(1024, 'Type of the event'),
  text: textTo(1024, 'Text contained in the message or the event'),
  ...BETWEEN,
};

/** Which dead letters are meant; what is left out does not matter. */
export const DeadLetterFilter = named('DeadLetterFilter', closed(object({}, FILTER)));
export type DeadLetterFilter = Shape<typeof DeadLetterFilter>;

/** Dead letters of one group that died of one class of error. */
export const DeadLetterGroup = named(
  'DeadLetterGroup',
  object({
    group: text,
    hop: text,
    error: text,
    message: described(text, 'Message of the newest'),
    count: number,
    isExact: described(yes, 'False: the count is a lower bound'),
    newestAt: ms,
    oldestAt: ms,
    streams: list(text),
  }),
);
export type DeadLetterGroup = Shape<typeof DeadLetterGroup>;

export const DeadLetterGroups = object({ total: number, looked: number, errors: list(DeadLetterGroup) });
export type DeadLetterGroups = Shape<typeof DeadLetterGroups>;

/** A redrive of many dead letters. */
export const Redrive = named(
  'Redrive',
  object(
    {
      id: text,
      filter: DeadLetterFilter,
      perSecond: number,
      who: text,
      startedAt: ms,
      state: JobState,
      matched: described(number, 'Number of matches at the start'),
      redriven: number,
      withoutPayload: described(number, 'Not redriven: their payload was trimmed before delivery'),
    },
    { error: text },
  ),
);
export type Redrive = Shape<typeof Redrive>;

export const RedriveList = object({ redrives: list(Redrive), ...NEXT });
export type RedriveList = Shape<typeof RedriveList>;

/** What a redrive would send. */
export const RedrivePreview = object({
  matched: number,
  warnings: described(list(text), 'Why delivery of some would be delayed'),
});
export type RedrivePreview = Shape<typeof RedrivePreview>;

export const Purged = object({ purged: number });
export type Purged = Shape<typeof Purged>;

export const PurgePreview = object({ matched: number });
export type PurgePreview = Shape<typeof PurgePreview>;

export const Redriven = object({ redriven: number });
export type Redriven = Shape<typeof Redriven>;

export const DeadLetterQuery = object({ limit: LIMIT }, { ...FILTER, cursor: CURSOR });
export type DeadLetterQuery = Shape<typeof DeadLetterQuery>;

/** A purge as it is asked for. */
export const PurgeOrder = closed(object({ filter: DeadLetterFilter, ...DRY_RUN }));
export type PurgeOrder = Shape<typeof PurgeOrder>;

/** A redrive as it is asked for. */
export const RedriveOrder = closed(
  object({
    filter: DeadLetterFilter,
    ...DRY_RUN,
    perSecond: whole(1, 100_000, { default: 100, description: 'Maximum dead letters per second' }),
  }),
);
export type RedriveOrder = Shape<typeof RedriveOrder>;

/** What is sent in place of the event that failed. */
export const Replacement = closed(object({}, { event: described(anyObject, 'A CloudEvent') }));
export type Replacement = Shape<typeof Replacement>;

export const DEAD_LETTER_PATHS: Json = {
  '/api/dead-letters': {
    get: get(
      'deadLetters',
      'Dead letters, newest first, in pages of about 4 MiB. A short page is not necessarily the last',
      DeadLetterPage,
      inQuery(DeadLetterQuery),
    ),
  },
  '/api/dead-letters/groups': {
    get: get(
      'deadLetterGroups',
      'Counts by consumer group and error class, over the newest thousand of each group (fewer if there are many or large groups)',
      DeadLetterGroups,
      inQuery(object({}, FILTER)),
    ),
  },
  '/api/dead-letters/redrive': {
    post: operation('redriveDeadLetters', 'Redrives all matching dead letters, each to its own consumer group', {
      body: RedriveOrder,
      answers: {
        200: answer('Result of a dry run', RedrivePreview),
        202: answer('Started', Redrive),
        409: problem('No matches'),
      },
    }),
  },
  '/api/dead-letters/redrives': {
    get: get('redrives', 'Redrives of all consoles, newest first', RedriveList, LIST),
  },
  '/api/dead-letters/redrives/{id}': {
    get: getOne('redrive', 'Progress of a redrive', Redrive, inPath('id')),
    delete: operation('stopRedrive', 'Stops a redrive; the rest stay dead letters', {
      parameters: inPath('id'),
      answers: { 204: nothing('Stopping'), 404: problem('Redrive not found'), 409: problem('Already finished') },
    }),
  },
  '/api/dead-letters/purge': {
    post: operation('purgeDeadLetters', 'Deletes all matching dead letters permanently', {
      body: PurgeOrder,
      answers: { 200: answer('Number deleted; `matched` for a dry run', either(Purged, PurgePreview)) },
    }),
  },
  '/api/dead-letters/{group}/{partition}/{id}': {
    get: getOne('deadLetter', 'One dead letter', DeadLetter, inPath('group', 'partition', 'id')),
  },
  '/api/dead-letters/{group}/{partition}/{id}/redrive': {
    post: operation('redriveDeadLetter', 'Redrives one dead letter, unchanged or with another event in its place', {
      parameters: inPath('group', 'partition', 'id'),
      body: Replacement,
      answers: {
        200: answer('1; 0 if it was already redriven or purged', Redriven),
        404: problem('Dead letter not found'),
        422: problem('The event is invalid or missing'),
      },
    }),
  },
};
