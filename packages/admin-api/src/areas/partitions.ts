import { answer, get, operation, problem } from '../operation.js';
import { closed, described, type Json, number, object, orNull, type Shape, whole } from '../schema.js';

/** How many partitions there are, and of a raise that is under way. */
export const Partitions = object({ count: number, raising: orNull(object({ to: number })) });
export type Partitions = Shape<typeof Partitions>;

export const RaisedPartitions = object({
  from: number,
  to: number,
  closedMs: described(number, 'How long nothing was taken in'),
});
export type RaisedPartitions = Shape<typeof RaisedPartitions>;

/** A raise as it is asked for. The request is open as long, and proxies give up after a few minutes of silence. */
export const RaiseOrder = closed(
  object({
    to: whole(1, 1024),
    waitMs: whole(1000, 240_000, {
      default: 60_000,
      description: 'How long no events may be accepted; after that the raise is given up',
    }),
  }),
);
export type RaiseOrder = Shape<typeof RaiseOrder>;

export const PARTITION_PATHS: Json = {
  '/api/partitions': { get: get('partitions', 'How many partitions there are', Partitions) },
  '/api/partitions/raise': {
    post: operation(
      'raisePartitions',
      'Makes more of them: takes nothing in until what was is routed, and delivered where an order is kept',
      {
        body: RaiseOrder,
        answers: {
          200: answer('It is raised', RaisedPartitions),
          409: problem('A group was not done in time, or somebody else is raising it; the number stays'),
          422: problem('There are more, and they never get fewer'),
        },
      },
    ),
  },
};
