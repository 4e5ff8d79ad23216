import { PUBLISHED, PublishProblem } from '../gateway/events.js';
import { later, operation } from '../operation.js';
import { anyObject, type Json } from '../schema.js';

export const PUBLISH_PATHS: Json = {
  '/api/events': {
    post: operation(
      'publish',
      'Forwards events to the gateway unchanged, and returns its response: see `/v1/events` there',
      {
        body: anyObject,
        answers: {
          ...PUBLISHED,
          503: later('The gateway is unreachable, or its Redis is unavailable or full', PublishProblem),
        },
      },
    ),
  },
};
