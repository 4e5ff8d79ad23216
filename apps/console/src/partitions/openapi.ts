import { answer, get, post, problem } from '../openapi/operation.js';
import { type Json, number, object, orNull } from '../openapi/schema.js';
import { LONGEST_WAIT_MS } from './requests.js';

/** The paths of partitions in the OpenAPI document. */
export const PARTITION_PATHS: Json = {
  '/api/partitions': get(
    'partitions',
    'How many partitions there are',
    object({ count: number, raising: orNull(object({ to: number })) }),
  ),
  '/api/partitions/raise': {
    post: post(
      'raisePartitions',
      'Makes more of them: takes nothing in until what was is routed, and delivered where an order is kept',
      {
        type: 'object',
        required: ['to'],
        properties: {
          to: { type: 'integer', minimum: 1, maximum: 1024 },
          waitMs: {
            ...{ type: 'integer', minimum: 1000, maximum: LONGEST_WAIT_MS, default: 60_000 },
            description: 'How long no events may be accepted; after that the raise is given up',
          },
        },
      },
      {
        200: answer(
          'It is raised',
          object({ from: number, to: number, closedMs: { ...number, description: 'How long nothing was taken in' } }),
        ),
        409: problem('A group was not done in time, or somebody else is raising it; the number stays'),
        422: problem('There are more, and they never get fewer'),
      },
    ),
  },
};
