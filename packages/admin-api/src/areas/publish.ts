import { PUBLISHED, PublishProblem } from '../gateway/events.js';
import * as op from '../operation.js';
import * as s from '../schema.js';

export const PUBLISH_PATHS: s.Json = {
  '/api/events': {
    post: op.operation(
      'publish',
      'Forwards events to the gateway unchanged, and returns its response: see `/v1/events` there',
      {
        body: s.anyObject,
        answers: {
          ...PUBLISHED,
          503: op.later('The gateway is unreachable, or its Redis is unavailable or full', PublishProblem),
        },
      },
    ),
  },
};
