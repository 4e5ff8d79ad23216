import type { Trace } from '@millrace/admin-api';

/** Where an event is stored, as the views of routes take it from the address to try things on it. */
export interface EventPlace {
  readonly of?: string;
  readonly test?: string;
  readonly partition?: number;
}

/** In the inbox, or where it was trimmed there in one of its topics; nowhere where it is in none any more. */
export const placeOf = ({ inbox, topics }: Trace): EventPlace => {
  if (inbox?.retained) return { of: 'in', test: inbox.streamId, partition: inbox.partition };
  const copy = topics.find(({ streamId }) => streamId !== null);
  if (copy === undefined || copy.streamId === null) return {};
  return { of: copy.topic, test: copy.streamId, partition: copy.partition };
};
