import { described, named, object, type Shape, text, whole, yes } from './schema.js';

export const PROBLEM = {
  required: {
    type: described(text, 'A stable name, such as urn:millrace:problem:not-found'),
    code: described(text, 'The last part of the type, for programs'),
    title: text,
    status: whole(400, 599),
    detail: described(text, 'What is wrong, where, and what is expected'),
  },
  optional: {
    retryable: described(yes, 'The same request may succeed later'),
    pointer: described(
      text,
      'Which part of the input it is about: a JSON pointer into the body or the event, as /filter/from, or the name of a parameter',
    ),
  },
};

/** A refusal: a problem detail of RFC 9457. */
export const Problem = named('Problem', object(PROBLEM.required, PROBLEM.optional));
export type Problem = Shape<typeof Problem>;
