import * as op from '../operation.js';
import * as s from '../schema.js';

const LAB = {
  topic: s.text,
  group: s.described(s.text, 'The consumer group of the scratch stream'),
  length: s.described(s.number, 'Length of the scratch stream'),
  lag: s.number,
  pending: s.number,
  running: s.yes,
  consumers: s.list(
    s.object({
      name: s.text,
      state: s.oneOf('running', 'crashed'),
      handled: s.described(s.number, 'Entries that it acknowledged'),
      pending: s.number,
      idleMs: s.number,
      crashAfter: s.described(s.orNull(s.number), 'Entries after which it crashes; null if it does not'),
    }),
  ),
  entries: s.described(
    s.list(s.object({ id: s.text, partition: s.number, consumer: s.text, idleMs: s.number, deliveries: s.number })),
    'The oldest entries in flight',
  ),
  log: s.described(s.list(s.object({ at: s.ms, text: s.text })), 'Log, newest first'),
};

/** What goes on in the lab of a topic. */
export const Lab = s.model('Lab', LAB);
export type Lab = s.Shape<typeof Lab>;

export const TrimmedLab = s.object({ ...LAB, trimmed: s.described(s.number, 'Entries trimmed') });
export type TrimmedLab = s.Shape<typeof TrimmedLab>;

export const LabList = s.object({ topics: s.list(s.text), ...op.NEXT });
export type LabList = s.Shape<typeof LabList>;

/** Events for a lab. */
export const LabEvents = s.closed({ count: s.whole(1, 1000) });
export type LabEvents = s.Shape<typeof LabEvents>;

export const LabConsumers = s.closed({
  count: s.whole(1, 20, { default: 1 }),
  perSecond: s.whole(1, 100, { default: 5, description: 'Entries per second, each' }),
});
export type LabConsumers = s.Shape<typeof LabConsumers>;

export const LabCrash = s.closed({
  after: s.whole(0, 1_000_000, { default: 0, description: 'Entries handled before the crash' }),
});
export type LabCrash = s.Shape<typeof LabCrash>;

export const LabClaim = s.closed({ minIdleMs: s.whole(0, 86_400_000, { default: 0 }) });
export type LabClaim = s.Shape<typeof LabClaim>;

export const LabTrim = s.closed({ maxLength: s.whole(1, 1_000_000_000) });
export type LabTrim = s.Shape<typeof LabTrim>;

interface Act {
  readonly body?: s.Schema;
  readonly done?: s.Schema;
  readonly parameters?: readonly string[];
}

const act = (operationId: string, summary: string, { body, done = Lab, parameters = [] }: Act): s.Json =>
  op.operation(operationId, summary, {
    parameters: op.inPath('topic', ...parameters),
    ...(body === undefined ? {} : { body }),
    answers: {
      200: op.answer('The lab', done),
      404: op.problem('Topic or consumer not found'),
      409: op.problem('The state of the lab does not allow this'),
    },
  });

export const LAB_PATHS: s.Json = {
  '/api/lab': { get: op.get('labs', 'Topics with a running lab', LabList, op.LIST) },
  '/api/lab/{topic}': {
    get: op.getOne('lab', 'The lab of a topic', Lab, op.inPath('topic')),
    delete: op.operation('endLab', 'Stops its consumers and deletes the scratch stream', {
      parameters: op.inPath('topic'),
      answers: { 204: op.nothing('Stopped'), 404: op.problem('No lab of this topic is running in this process') },
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
