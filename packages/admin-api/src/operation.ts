import { Problem } from './problem.js';
import * as s from './schema.js';

/** A key in either header, or none where the service asks for none. */
const SECURITY = [{}, { bearer: [] }, { 'api-key': [] }];

/** The parameters of a query, which are the members of an object. */
export const inQuery = (query: s.Schema): s.Json[] => {
  const { properties, required = [] } = query as { properties: Record<string, s.Schema>; required?: readonly string[] };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(required.includes(name) ? { required: true } : {}),
    description,
    schema,
  }));
};
export const placed = (name: string, schema: s.Schema = s.text): s.Json => ({
  name,
  in: 'path',
  required: true,
  schema,
});
export const inPath = (...names: readonly string[]): s.Json[] => names.map((name) => placed(name));

export const LIMIT = s.whole(1, 1000, { default: 50, description: 'Maximum to return' });
export const CURSOR = s.textTo(40_000, 'The `next` of an earlier page');
export const NEXT = { next: s.described(s.orNull(s.text), 'The `cursor` of what comes after; null at the end') };

/** The query of a list of what is kept by name, or by id: a page goes on after what came last, whatever was added or deleted meanwhile. */
export const ListQuery = s.object(
  { limit: s.whole(1, 1000, { default: 1000, description: 'Most to give, in all lists of the answer together' }) },
  { cursor: CURSOR },
);
export type ListQuery = s.Shape<typeof ListQuery>;
export const LIST = inQuery(ListQuery);

/** The query of what is kept in a stream, the newest first. */
export const NewestQuery = s.object(
  { limit: LIMIT },
  { cursor: s.matching(/^([1-9]\d{0,15}-\d{1,16}|0-[1-9]\d{0,15})$/, 'The `next` of an earlier answer') },
);
export type NewestQuery = s.Shape<typeof NewestQuery>;

/** Ends of what is read from a stream. */
export const BETWEEN = {
  from: s.textTo(40, 'Start: a time, Unix milliseconds or a stream id'),
  to: s.textTo(40, 'End'),
};

/** The query of changes. */
export const ChangeQuery = s.object(
  {},
  { version: s.described(s.number, 'Expected current version; 409 if it differs') },
);
export type ChangeQuery = s.Shape<typeof ChangeQuery>;
export const VERSION = inQuery(ChangeQuery);

/** The query of a history. */
export const HistoryQuery = s.object(
  { limit: LIMIT },
  {
    cursor: s.described(s.number, 'The `next` of an earlier page'),
    before: s.described(s.number, 'Only versions below this one'),
  },
);
export type HistoryQuery = s.Shape<typeof HistoryQuery>;

/** A body or an answer of JSON. */
const json = (schema: s.Schema): s.Json => ({ content: { 'application/json': { schema } } });
export const answer = (description: string, schema: s.Schema): s.Json => ({ description, ...json(schema) });
export const nothing = (description: string): s.Json => ({ description });
/** An answer that is a `Problem`, or one that says more. */
export const problem = (description: string, schema: s.Schema = Problem): s.Json => ({
  description,
  content: { 'application/problem+json': { schema } },
});
/** A problem that is temporary: the request may succeed after the time that a header says. */
export const later = (description: string, schema: s.Schema = Problem): s.Json => ({
  ...problem(description, schema),
  headers: { 'Retry-After': { description: 'Seconds to wait', schema: s.whole(0) } },
});
/** What server-sent events say where nothing can be sent. */
export const Trouble = s.model('Trouble', { detail: s.text });
export type Trouble = s.Shape<typeof Trouble>;
export const events = (description: string): s.Json => ({
  description,
  content: { 'text/event-stream': { schema: s.text } },
});

/** What an operation may take, and what it answers beside, or in place of, what every operation may answer. */
export interface Operation {
  readonly parameters?: readonly s.Json[];
  readonly body?: s.Schema;
  readonly answers: Readonly<Record<number, s.Json>>;
}

/** Every operation is made by this: so each has its security, and says how it refuses. */
export const operation = (operationId: string, summary: string, { parameters, body, answers }: Operation): s.Json => ({
  operationId,
  summary,
  security: SECURITY,
  ...(parameters === undefined ? {} : { parameters }),
  ...(body === undefined ? {} : { requestBody: { ...json(body), ...('required' in body ? { required: true } : {}) } }),
  responses: {
    400: problem('A parameter or a member of the body is invalid'),
    401: problem('The API key is missing or unknown'),
    403: problem('The role of the API key does not permit this'),
    ...(body === undefined ? {} : { 413: problem('The body is too large'), 415: problem('The body is not JSON') }),
    503: problem('Redis is unavailable'),
    ...answers,
  },
});

export const get = (
  operationId: string,
  summary: string,
  schema: s.Schema,
  parameters: readonly s.Json[] = [],
): s.Json => operation(operationId, summary, { parameters, answers: { 200: answer('The response', schema) } });

/** An operation that looks at a thing that may not be there. */
export const getOne = (operationId: string, summary: string, schema: s.Schema, parameters: readonly s.Json[]): s.Json =>
  operation(operationId, summary, {
    parameters,
    answers: { 200: answer('The response', schema), 404: problem('Not found') },
  });

/** What a change of versioned things gives. */
export const AtVersion = s.object({ version: s.number });
export type AtVersion = s.Shape<typeof AtVersion>;

/** An operation that makes a new version of something. */
export const change = (
  operationId: string,
  summary: string,
  parameters: readonly s.Json[] = [],
  body?: s.Schema,
  done: s.Json = answer('The new version, or the current one if nothing changed', AtVersion),
): s.Json =>
  operation(operationId, summary, {
    parameters,
    ...(body === undefined ? {} : { body }),
    answers: {
      200: done,
      404: problem('Not found'),
      409: problem('Changed by another client in the meantime, or its state does not allow this'),
      422: problem('Invalid: says what is wrong, where, and what is expected'),
    },
  });

/** An operation that stops a job, such as a replay. */
export const stopJob = (operationId: string, summary: string, notFound: string): s.Json =>
  operation(operationId, summary, {
    parameters: inPath('id'),
    answers: { 204: nothing('Stopping'), 404: problem(notFound), 409: problem('Already finished') },
  });

/** Members of a thing that was to be changed. */
export const CHANGED = { changed: s.described(s.yes, 'False: nothing changed') };
/** A member of bodies. */
export const DRY_RUN = { dryRun: s.flag('Counts the matches and does nothing') };
