import { JobState } from '../job-state.js';
import {
  answer,
  BETWEEN,
  CURSOR,
  DRY_RUN,
  get,
  getOne,
  inPath,
  LIMIT,
  nothing,
  operation,
  problem,
  query,
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

/** Which dead letters are meant; what is left out does not matter. */
export const DeadLetterFilter = named(
  'DeadLetterFilter',
  closed(
    object(
      {},
      {
        hop: described(text, 'Who gave up, as sink-postgres'),
        group: described(text, 'Consumer group'),
        error: described(text, 'Class of the error'),
        stream: described(text, 'Where the event came from, as topic:orders'),
        type: described(text, 'Type of the event'),
        text: described(text, 'What the message or the event contains'),
        from: described(text, 'A time, Unix milliseconds or an id of a dead letter'),
        to: text,
      },
    ),
  ),
);
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

const FILTER = [
  query('hop', 'Who gave up, as sink-postgres'),
  query('group', 'Consumer group'),
  query('error', 'Class of the error'),
  query('stream', 'Where the event came from, as topic:orders'),
  query('type', 'Type of the event'),
  query('text', 'What the message or the event contains'),
  ...BETWEEN,
];

export const DEAD_LETTER_PATHS: Json = {
  '/api/dead-letters': {
    get: get('deadLetters', 'Newest first, about 4 MiB. A page may be short and not the last', DeadLetterPage, [
      ...FILTER,
      LIMIT,
      CURSOR,
    ]),
  },
  '/api/dead-letters/groups': {
    get: get(
      'deadLetterGroups',
      'The newest by group and error: a thousand of each group, fewer where there are many groups, or large ones',
      DeadLetterGroups,
      FILTER,
    ),
  },
  '/api/dead-letters/redrive': {
    post: operation('redriveDeadLetters', 'Sends all that match again, each to the group that gave it up', {
      body: closed(
        object({ filter: DeadLetterFilter }, { ...DRY_RUN, perSecond: whole(1, 100_000, { default: 100 }) }),
      ),
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
      body: closed(object({ filter: DeadLetterFilter }, DRY_RUN)),
      answers: { 200: answer('How many; `matched` of a dry run', either(Purged, PurgePreview)) },
    }),
  },
  '/api/dead-letters/{group}/{partition}/{id}': {
    get: getOne('deadLetter', 'One dead letter', DeadLetter, inPath('group', 'partition', 'id')),
  },
  '/api/dead-letters/{group}/{partition}/{id}/redrive': {
    post: operation('redriveDeadLetter', 'Sends one again, as it was or with another event in its place', {
      parameters: inPath('group', 'partition', 'id'),
      body: closed(object({}, { event: described(anyObject, 'A CloudEvent') })),
      answers: {
        200: answer('1, or 0 where somebody else was first', Redriven),
        404: problem('There is no such dead letter'),
        422: problem('The event is not valid, or there is none to send'),
      },
    }),
  },
};
