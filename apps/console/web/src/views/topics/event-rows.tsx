import type { StoredEvent } from '@millrace/admin-api';
import { clock } from '../../ui/format.js';
import { VirtualList } from '../../ui/virtual-list.js';
import { attributesOf } from './attributes.js';

const keyOf = ({ partition, streamId }: StoredEvent): string => `${partition}/${streamId}`;

const Row = ({ event }: { event: StoredEvent }) => {
  const { id, subject, source } = attributesOf(event.event);
  return (
    <span className="event-row">
      <span className="soft">{clock(event.at)}</span>
      <span className="cut type">{event.type}</span>
      <span className="cut soft what">{subject ?? source}</span>
      <span className="cut mono soft id">{id}</span>
    </span>
  );
};

interface EventRowsProps {
  readonly events: readonly StoredEvent[];
  readonly chosen: StoredEvent | undefined;
  readonly onChoose: (event: StoredEvent) => void;
  readonly onNearEnd: (() => void) | undefined;
}

export const EventRows = ({ events, chosen, onChoose, onNearEnd }: EventRowsProps) => (
  <VirtualList
    label="Events"
    items={events}
    keyOf={keyOf}
    rowHeight={30}
    row={(event) => <Row event={event} />}
    chosen={chosen && keyOf(chosen)}
    onChoose={onChoose}
    onNearEnd={onNearEnd}
  />
);
