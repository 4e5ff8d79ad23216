import { KEY_SCHEMAS } from '../keys/openapi.js';
import { LAB_SCHEMAS } from '../lab/openapi.js';
import { LOG_SCHEMAS } from '../logs/openapi.js';
import { REPLAY_SCHEMAS } from '../replays/openapi.js';
import { SINK_SCHEMAS } from '../sinks/openapi.js';
import { TOPIC_SCHEMAS } from '../topics/openapi.js';
import { TRACE_SCHEMAS } from '../trace/openapi.js';
import { type Json, list, ms, number, object, orNull, ref, text } from './schema.js';

/** What answers and bodies look like, by name. */
export const SCHEMAS: Json = {
  ...TOPIC_SCHEMAS,
  ...SINK_SCHEMAS,
  ...TRACE_SCHEMAS,
  ...LOG_SCHEMAS,
  ...REPLAY_SCHEMAS,
  ...LAB_SCHEMAS,
  ...KEY_SCHEMAS,
  Problem: object({ type: text, title: text, status: { type: 'integer' }, detail: text }),
  Summary: object({
    at: ms,
    inbox: number,
    accepted: { ...number, description: 'Events that were ever taken in' },
    topics: number,
    events: number,
    topicsBytes: orNull(number),
    lag: number,
    pending: number,
    parked: number,
    deadLetters: number,
    oldestWaitingAt: { ...orNull(ms), description: 'Of the oldest event that a group has not settled' },
    duplicates: { ...number, description: 'Events that had come before and were refused' },
    retries: { ...number, description: 'Deliveries that were parked for another attempt' },
    memory: orNull(object({ used: number, max: { ...number, description: '0: no limit' } })),
  }),
  DeadLetter: {
    ...object({
      id: text,
      partition: number,
      hop: text,
      group: text,
      consumer: text,
      stream: text,
      position: text,
      error: text,
      message: text,
      attempts: number,
      firstFailedAt: ms,
      lastFailedAt: ms,
      history: list(object({ at: ms, attempt: number, error: text })),
      event: orNull(text),
    }),
    description:
      '`stack`, `trace` (the traceparent of the event) and `fields` (of an entry that held no event) are left out where there are none',
  },
  Filter: {
    type: 'object',
    description: 'What is left out does not matter',
    properties: {
      hop: text,
      group: text,
      error: { ...text, description: 'Class of the error' },
      stream: { ...text, description: 'Where the event came from, as topic:orders' },
      type: { ...text, description: 'Type of the event' },
      text: { ...text, description: 'What the message or the event contains' },
      from: { ...text, description: 'A time, Unix milliseconds or an id of a dead letter' },
      to: text,
    },
    additionalProperties: false,
  },
  ErrorGroup: object({
    group: text,
    hop: text,
    error: text,
    message: { ...text, description: 'Of the newest' },
    count: number,
    isExact: { type: 'boolean', description: 'False: there are at least so many' },
    newestAt: ms,
    oldestAt: ms,
    streams: list(text),
  }),
  Matched: object({ matched: number }),
  MatchedForRedrive: object({ matched: number, warnings: { ...list(text), description: 'Why some would wait' } }),
  Redrive: object({
    id: text,
    filter: ref('Filter'),
    perSecond: number,
    who: text,
    startedAt: ms,
    state: { enum: ['running', 'done', 'stopped', 'failed'] },
    matched: number,
    redriven: number,
    withoutPayload: { ...number, description: 'Lost their payload before they were delivered: nothing to send again' },
  }),
  Route: {
    type: 'object',
    required: ['pattern', 'topics'],
    properties: {
      name: text,
      pattern: { type: 'object', description: 'An EventBridge pattern over the whole event' },
      topics: list(text),
      priority: { type: 'integer', default: 100, description: 'Lower comes first where several routes name a topic' },
      transform: { ...text, description: 'JSONata; the members of what it gives are set in the copies' },
    },
    additionalProperties: false,
  },
  RouteView: {
    type: 'object',
    required: ['route', 'origin', 'isHidden'],
    properties: {
      route: ref('Route'),
      origin: { enum: ['file', 'redis'] },
      isHidden: { type: 'boolean', description: 'In Redis, but a route of the file has its name' },
      draft: ref('Route'),
    },
  },
  RouteChange: object({ name: text, before: orNull(ref('Route')), after: orNull(ref('Route')) }),
  StoredChange: object({ version: number, at: ms, who: text, action: text, changes: list(ref('RouteChange')) }),
  ShadowReport: {
    ...object({
      events: number,
      matched: { ...number, description: 'Events that the pattern of the draft matches' },
      inForce: { type: 'object', additionalProperties: number, description: 'Copies by topic' },
      withDraft: { type: 'object', additionalProperties: number },
      different: number,
      differences: list(object({ position: text, partition: number, type: text, less: list(text), more: list(text) })),
      microseconds: object({ inForce: { type: 'number' }, withDraft: { type: 'number' } }),
      undecodable: number,
      undecided: { ...number, description: 'Events that take more steps to match than an event may' },
      complete: { type: 'boolean', description: 'False where it ended before, as matching took too many steps in all' },
    }),
    description: '`transform` (tried, failed, errors) is there where the draft has one',
  },
  Schemas: {
    type: 'object',
    required: ['type', 'mode', 'versions'],
    properties: {
      type: text,
      mode: { enum: ['off', 'warn', 'enforce'] },
      current: { ...text, description: 'The version of events that name none; the last one without it' },
      versions: { type: 'object', description: 'JSON Schemas by version' },
    },
  },
  WrittenEndpoint: {
    type: 'object',
    required: ['url'],
    properties: {
      url: text,
      secret: { description: 'whsec_…, or a list while they are rotated; one is made for a new endpoint without' },
      signed: { type: 'boolean', description: 'false: its requests are not signed, and no secret is made' },
      topics: list(text),
      pattern: { type: 'object' },
      format: { enum: ['structured', 'binary', 'data'], default: 'structured' },
      headers: { type: 'object', additionalProperties: text },
      timeout: { ...text, description: 'As 10s' },
      rate: { type: 'number', description: 'Most requests a second, from each process' },
      enabled: { type: 'boolean', default: true },
    },
    additionalProperties: false,
  },
  Endpoint: {
    type: 'object',
    required: ['name', 'endpoint', 'about', 'state', 'waiting', 'deadLetters', 'warnings'],
    properties: {
      name: text,
      endpoint: {
        anyOf: [ref('WrittenEndpoint'), { type: 'null' }],
        description: 'Null where it is in the file of a sink',
      },
      state: {
        type: 'object',
        properties: { offAt: ms, offReason: text, failingSince: ms, failure: text, openUntil: ms },
      },
      about: {
        anyOf: [
          {
            type: 'object',
            properties: { source: { enum: ['file', 'environment', 'Redis'] }, topics: {}, pattern: text },
          },
          { type: 'null' },
        ],
        description: 'What it gets, as the sink says that serves it; null where none does',
      },
      waiting: number,
      deadLetters: number,
      warnings: { ...list(text), description: 'Why it gets less than it seems' },
    },
  },
  SavedEndpoint: {
    type: 'object',
    required: ['version', 'created', 'changed', 'warnings'],
    properties: {
      version: number,
      created: { type: 'boolean', description: 'Whether there was none of that name' },
      changed: { type: 'boolean', description: 'False: it was so already' },
      secret: { ...text, description: 'The one that was made for it, which is not shown again' },
      warnings: { ...list(text), description: 'Why it gets less than it seems' },
    },
  },
  Attempt: {
    ...object({ at: ms, attempt: number, type: text, source: text, id: text, ms: number }),
    description:
      'With `status` and `answer` where there was one, `failure` where it counts as failed, and where the event is from',
  },
  SeriesPoints: object({
    name: text,
    labels: { type: 'object', additionalProperties: text },
    points: list(object({ timestampMs: ms, value: { type: 'number' } })),
  }),
  AuditEntry: object({ id: text, at: ms, who: text, action: text, detail: {} }),
};
