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

/** An event that a service gave up on. */
export const DeadLetter = named(
  'DeadLetter',
  object(
    {
      id: text,
      partition: number,
      hop: text,
      group: text,
      consumer: text,
      stream: described(text, 'Where the event came from'),
      position: text,
      error: described(text, 'Class of the error'),
      message: text,
      attempts: number,
      firstFailedAt: ms,
      lastFailedAt: ms,
      history: list(object({ at: ms, attempt: number, error: text })),
      event: described(orNull(text), 'As it came in; null where its payload was lost'),
    },
    {
      type: described(text, 'Of the event'),
      stack: text,
      trace: described(text, 'The traceparent of the event'),
      fields: described(list(text), 'Names and values of an entry that held no event'),
    },
  ),
);
export type DeadLetter = Shape<typeof DeadLetter>;

export const DeadLetterPage = named('DeadLetterPage', object({ deadLetters: list(DeadLetter), ...PAGE }));
export type DeadLetterPage = Shape<typeof DeadLetterPage>;

const FILTER = {
  hop: textTo(200, 'Who gave up, as sink-postgres'),
  group: textTo(200, 'Consumer group'),
  error: textTo(200, 'Class of the error'),
  stream: textTo(200, 'Where the event came from, as topic:orders'),
  type: textTo(1024, 'Type of the event'),
  text: textTo(1024, 'What the message or the event contains'),
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
    message: described(text, 'Of the newest'),
    count: number,
    isExact: described(yes, 'False: there are at least so many'),
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
      matched: described(number, 'How many matched when it began'),
      redriven: number,
      withoutPayload: described(number, 'Lost their payload before they were delivered: nothing to send again'),
    },
    { error: text },
  ),
);
export type Redrive = Shape<typeof Redrive>;

export const RedriveList = object({ redrives: list(Redrive) });
export type RedriveList = Shape<typeof RedriveList>;

/** What a redrive would send. */
export const RedrivePreview = object({
  matched: number,
  warnings: described(list(text), 'Why some would wait'),
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
    perSecond: whole(1, 100_000, { default: 100, description: 'Most dead letters a second' }),
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
      'Newest first, about 4 MiB. A page may be short and not the last',
      DeadLetterPage,
      inQuery(DeadLetterQuery),
    ),
  },
  '/api/dead-letters/groups': {
    get: get(
      'deadLetterGroups',
      'The newest by group and error: a thousand of each group, fewer where there are many groups, or large ones',
      DeadLetterGroups,
      inQuery(object({}, FILTER)),
    ),
  },
  '/api/dead-letters/redrive': {
    post: operation('redriveDeadLetters', 'Sends all that match again, each to the group that gave it up', {
      body: RedriveOrder,
      answers: {
        200: answer('Of a dry run', RedrivePreview),
        202: answer('It has begun', Redrive),
        409: problem('None matches'),
      },
    }),
  },
  '/api/dead-letters/redrives': {
    get: get('redrives', 'Redrives of all consoles, the newest first', RedriveList),
  },
  '/api/dead-letters/redrives/{id}': {
    get: getOne('redrive', 'How far a redrive has come', Redrive, inPath('id')),
    delete: operation('stopRedrive', 'Ends a redrive where it stands', {
      parameters: inPath('id'),
      answers: { 204: nothing('It ends'), 404: problem('There is no such redrive'), 409: problem('It is at its end') },
    }),
  },
  '/api/dead-letters/purge': {
    post: operation('purgeDeadLetters', 'Deletes all that match, for good', {
      body: PurgeOrder,
      answers: { 200: answer('How many; `matched` of a dry run', either(Purged, PurgePreview)) },
    }),
  },
  '/api/dead-letters/{group}/{partition}/{id}': {
    get: getOne('deadLetter', 'One dead letter', DeadLetter, inPath('group', 'partition', 'id')),
  },
  '/api/dead-letters/{group}/{partition}/{id}/redrive': {
    post: operation('redriveDeadLetter', 'Sends one again, as it was or with another event in its place', {
      parameters: inPath('group', 'partition', 'id'),
      body: Replacement,
      answers: {
        200: answer('1, or 0 where somebody else was first', Redriven),
        404: problem('There is no such dead letter'),
        422: problem('The event is not valid, or there is none to send'),
      },
    }),
  },
};
