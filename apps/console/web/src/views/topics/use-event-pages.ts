import type { EventPage, StoredEvent } from '@millrace/admin-api';
import { pathOf, withQuery } from '../../api/address.js';
import { type Pages, usePages } from '../../api/use-pages.js';

/** Which events of a topic are asked for; what is empty does not matter. */
export interface EventFilter {
  readonly order: 'newest' | 'oldest';
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

const PAGE = 200;
const eventsOf = ({ events }: EventPage): readonly StoredEvent[] => events;

/** Reads a topic a page at a time. */
export const useEventPages = (topic: string, filter: EventFilter): Pages<StoredEvent> =>
  usePages(withQuery(`topics/${pathOf(topic)}/events`, { ...filter, limit: PAGE }), eventsOf);
