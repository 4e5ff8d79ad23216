import * as op from '../operation.js';
import * as s from '../schema.js';

/** How many partitions there are, and of a raise in progress. */
export const Partitions = s.object({ count: s.number, raising: s.orNull(s.object({ to: s.number })) });
export type Partitions = s.Shape<typeof Partitions>;

export const RaisedPartitions = s.object({
  from: s.number,
  to: s.number,
  closedMs: s.described(s.number, 'How long no events were accepted'),
});
export type RaisedPartitions = s.Shape<typeof RaisedPartitions>;

/** A raise as it is asked for. The request is open as long, and proxies give up after a few minutes of silence. */
export const RaiseOrder = s.closed({
  to: s.whole(1, 1024),
  waitMs: s.whole(1000, 240_000, {
    default: 60_000,
    description: 'Maximum time without accepting events; after that the increase is abandoned',
  }),
});
export type RaiseOrder = s.Shape<typeof RaiseOrder>;

export const PARTITION_PATHS: s.Json = {
  '/api/partitions': { get: op.get('partitions', 'The partition count', Partitions) },
  '/api/partitions/raise': {
    post: op.operation(
      'raisePartitions',
      'Increases the partition count. No events are accepted until earlier ones are routed, and delivered by sinks that keep an order',
      {
        body: RaiseOrder,
        answers: {
          200: op.answer('The count was increased', RaisedPartitions),
          409: op.problem(
            'A consumer group was not done in time, or another increase is in progress; the count is unchanged',
          ),
          422: op.problem('The count is larger already; it cannot decrease'),
        },
      },
    ),
  },
};
