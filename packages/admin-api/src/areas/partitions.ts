import { answer, get, operation, problem } from '../operation.js';
import { closed, described, type Json, number, object, orNull, type Shape, whole } from '../schema.js';

/** How many partitions there are, and of a raise in progress. */
export const Partitions = object({ count: number, raising: orNull(object({ to: number })) });
export type Partitions = Shape<typeof Partitions>;

export const RaisedPartitions = object({
  from: number,
  to: number,
  closedMs: described(number, 'How long no events were accepted'),
});
export type RaisedPartitions = Shape<typeof RaisedPartitions>;

/** A raise as it is asked for. The request is open as long, and proxies give up after a few minutes of silence. */
export const RaiseOrder = closed(
  object({
    to: whole(1, 1024),
    waitMs: whole(1000, 240_000, {
      default: 60_000,
      description: 'Maximum time without accepting events; after that the increase is abandoned',
    }),
  }),
);
export type RaiseOrder = Shape<typeof RaiseOrder>;

export const PARTITION_PATHS: Json = {
  '/api/partitions': { get: get('partitions', 'The partition count', Partitions) },
  '/api/partitions/raise': {
    post: operation(
      'raisePartitions',
      'Increases the partition count. No events are accepted until earlier ones are routed, and delivered by sinks that keep an order',
      {
        body: RaiseOrder,
        answers: {
          200: answer('The count was increased', RaisedPartitions),
          409: problem(
            'A consumer group was not done in time, or another increase is in progress; the count is unchanged',
          ),
          422: problem('The count is larger already; it cannot decrease'),
        },
      },
    ),
  },
};
