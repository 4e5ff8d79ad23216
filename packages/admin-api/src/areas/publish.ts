import { PUBLISHED, PublishProblem } from '../gateway/events.js';
import { later, operation } from '../operation.js';
import { anyObject, type Json } from '../schema.js';

export const PUBLISH_PATHS: Json = {
  '/api/events': {
    post: operation(
      'publish',
      'Hands events to the gateway as they are, and gives its answer: see `/v1/events` there',
      {
        body: anyObject,
        answers: {
          ...PUBLISHED,
          503: later('The gateway does not answer, or its Redis is unavailable or full', PublishProblem),
        },
      },
    ),
  },
};
