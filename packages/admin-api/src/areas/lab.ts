import { answer, get, getOne, inPath, LIST, NEXT, nothing, operation, problem } from '../operation.js';
import {
  closed,
  described,
  type Json,
  list,
  ms,
  named,
  number,
  object,
  oneOf,
  orNull,
  type Schema,
  type Shape,
  text,
  whole,
  yes,
} from '../schema.js';

const LAB = {
  topic: text,
  group: described(text, 'The consumer group of the scratch stream'),
  length: described(number, 'Length of the scratch stream'),
  lag: number,
  pending: number,
  running: yes,
  consumers: list(
    object({
      name: text,
      state: oneOf('running', 'crashed'),
      handled: described(number, 'Entries that it acknowledged'),
      pending: number,
      idleMs: number,
      crashAfter: described(orNull(number), 'Entries after which it crashes; null if it does not'),
    }),
  ),
  entries: described(
    list(object({ id: text, partition: number, consumer: text, idleMs: number, deliveries: number })),
    'The oldest entries in flight',
  ),
  log: described(list(object({ at: ms, text })), 'Log, newest first'),
};

/** What goes on in the lab of a topic. */
export const Lab = named('Lab', object(LAB));
export type Lab = Shape<typeof Lab>;

export const TrimmedLab = object({ ...LAB, trimmed: described(number, 'Entries trimmed') });
export type TrimmedLab = Shape<typeof TrimmedLab>;

export const LabList = object({ topics: list(text), ...NEXT });
export type LabList = Shape<typeof LabList>;

/** Events for a lab. */
export const LabEvents = closed(object({ count: whole(1, 1000) }));
export type LabEvents = Shape<typeof LabEvents>;

export const LabConsumers = closed(
  object({
    count: whole(1, 20, { default: 1 }),
    perSecond: whole(1, 100, { default: 5, description: 'Entries per second, each' }),
  }),
);
export type LabConsumers = Shape<typeof LabConsumers>;

export const LabCrash = closed(
  object({ after: whole(0, 1_000_000, { default: 0, description: 'Entries handled before the crash' }) }),
);
export type LabCrash = Shape<typeof LabCrash>;

export const LabClaim = closed(object({ minIdleMs: whole(0, 86_400_000, { default: 0 }) }));
export type LabClaim = Shape<typeof LabClaim>;

export const LabTrim = closed(object({ maxLength: whole(1, 1_000_000_000) }));
export type LabTrim = Shape<typeof LabTrim>;

interface Act {
  readonly body?: Schema;
  readonly done?: Schema;
  readonly parameters?: readonly string[];
}

const act = (operationId: string, summary: string, { body, done = Lab, parameters = [] }: Act): Json =>
  operation(operationId, summary, {
    parameters: inPath('topic', ...parameters),
    ...(body === undefined ? {} : { body }),
    answers: {
      200: answer('The lab', done),
      404: problem('Topic or consumer not found'),
      409: problem('The state of the lab does not allow this'),
    },
  });

export const LAB_PATHS: Json = {
  '/api/lab': { get: get('labs', 'Topics with a running lab', LabList, LIST) },
  '/api/lab/{topic}': {
    get: getOne('lab', 'The lab of a topic', Lab, inPath('topic')),
    delete: operation('endLab', 'Stops its consumers and deletes the scratch stream', {
      parameters: inPath('topic'),
      answers: { 204: nothing('Stopped'), 404: problem('No lab of this topic is running in this process') },
    }),
  },
  '/api/lab/{topic}/produce': {
    post: act('labProduce', 'Appends events to the scratch stream', { body: LabEvents }),
  },
  '/api/lab/{topic}/consumers': {
    post: act('labAdd', 'Adds consumers', { body: LabConsumers }),
  },
  '/api/lab/{topic}/consumers/{name}': {
    delete: act('labRemove', 'Removes a consumer; its unacknowledged deliveries are released first', {
      parameters: ['name'],
    }),
  },
  '/api/lab/{topic}/consumers/{name}/crash': {
    post: act('labCrash', 'Crashes a consumer after the given number of entries: it stops without acknowledging', {
      body: LabCrash,
      parameters: ['name'],
    }),
  },
  '/api/lab/{topic}/claim': {
    post: act('labClaim', 'Claims pending entries of crashed consumers for a running one', { body: LabClaim }),
  },
  '/api/lab/{topic}/trim': {
    post: act('labTrim', 'Trims the scratch stream; unacknowledged entries are kept', {
      body: LabTrim,
      done: TrimmedLab,
    }),
  },
};
