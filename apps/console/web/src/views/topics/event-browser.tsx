import type { EventPage, StoredEvent } from '@millrace/admin-api';
import { useState } from 'react';
import { pathOf, withQuery } from '../../api/address.js';
import { usePages } from '../../api/use-pages.js';
import { href, replace, usePlace } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Choice, Form, Input } from '../../ui/field.js';
import { plural } from '../../ui/format.js';
import { Empty, Loading, Panel, Problem } from '../../ui/panel.js';
import { SearchProgress } from '../../ui/search-progress.js';
import { EventDetail } from './event-detail.js';
import { EventRows } from './event-rows.js';
import { useTail } from './use-tail.js';

/** Which events of a topic are asked for; what is empty does not matter. */
interface EventFilter {
  readonly order: 'newest' | 'oldest';
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

const PAGE = 200;
const eventsOf = ({ events }: EventPage): readonly StoredEvent[] => events;

const filterOf = (query: URLSearchParams): EventFilter => ({
  order: query.get('order') === 'oldest' ? 'oldest' : 'newest',
  from: query.get('from') ?? '',
  to: query.get('to') ?? '',
  type: query.get('type') ?? '',
  id: query.get('id') ?? '',
  text: query.get('text') ?? '',
});

const isNarrowed = ({ from, to, type, id, text }: EventFilter): boolean =>
  [from, to, type, id, text].some((one) => one !== '');

/** The filter in the address, so that what was found can be sent to somebody. */
const FilterForm = ({ topic, filter }: { topic: string; filter: EventFilter }) => {
  const [typed, setTyped] = useState(filter);
  const put = (name: keyof EventFilter) => (value: string) => setTyped((before) => ({ ...before, [name]: value }));
  const find = (to: EventFilter): void => {
    setTyped(to);
    replace(href(['topics', topic], { ...to, order: to.order === 'newest' ? '' : to.order }));
  };
  const nothing: EventFilter = { order: 'newest', from: '', to: '', type: '', id: '', text: '' };
  return (
    <Form className="fields filter" onSubmit={() => find(typed)} aria-label="Event filter">
      <Input label="Type" value={typed.type} onChange={put('type')} placeholder="order.paid or order.*" isWide />
      <Input label="Id" value={typed.id} onChange={put('id')} placeholder="of the CloudEvent" isWide />
      <Input label="Text" value={typed.text} onChange={put('text')} placeholder="anywhere in the JSON" isWide />
      <Input label="From" value={typed.from} onChange={put('from')} placeholder="time or stream id" />
      <Input label="To" value={typed.to} onChange={put('to')} placeholder="time or stream id" />
      <Choice
        label="Order"
        value={typed.order}
        onChange={(order) => find({ ...typed, order: order as EventFilter['order'] })}
        options={[
          ['newest', 'newest first'],
          ['oldest', 'oldest first'],
        ]}
      />
      <Button type="submit" kind="main">
        Search
      </Button>
      {isNarrowed(filter) ? (
        <Button kind="quiet" onClick={() => find(nothing)}>
          Clear
        </Button>
      ) : null}
    </Form>
  );
};

const Nothing = ({ filter, looked, topic }: { filter: EventFilter; looked: number; topic: string }) =>
  isNarrowed(filter) ? (
    <Empty title="No matches.">
      {plural(looked, 'event')} searched. Widen the filter: a type may end in <code>*</code>; text is matched literally.
    </Empty>
  ) : (
    <Empty title="No events here yet.">
      {topic === 'in' ? 'Send one to the gateway.' : 'Events appear when a route to this topic matches.'}{' '}
      <a href={href(['lab', topic])}>Try it in the lab</a>
    </Empty>
  );

/** The events of a topic: found by time, id, type or text, or followed as they come. */
export const EventBrowser = ({ topic }: { topic: string }) => {
  const { query } = usePlace();
  const filter = filterOf(query);
  const [isFollowing, setFollowing] = useState(false);
  const [chosen, setChosen] = useState<StoredEvent | undefined>();
  const pages = usePages(withQuery(`topics/${pathOf(topic)}/events`, { ...filter, limit: PAGE }), eventsOf);
  const tail = useTail(topic, filter, isFollowing);
  const events = isFollowing ? tail.events : pages.items;
  const [found] = filter.id === '' || isFollowing ? [] : pages.items;
  const shown = chosen ?? found;
  const said = isFollowing
    ? `live${tail.dropped > 0 ? `, ${plural(tail.dropped, 'event')} dropped: more than can be shown` : ''}`
    : `${plural(events.length, 'event')}${pages.hasMore ? ', more available' : ''}`;
  return (
    <div className={shown === undefined ? 'stack' : 'split list'}>
      <Panel
        title="Events"
        note={said}
        isBare
        actions={
          <>
            <Button pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
              Live tail
            </Button>
            <Button onClick={pages.reload} refused={isFollowing ? 'The live tail is always up to date.' : undefined}>
              Refresh
            </Button>
          </>
        }
      >
        <FilterForm key={topic} topic={topic} filter={filter} />
        <Problem
          error={isFollowing ? (tail.trouble && new Error(tail.trouble)) || undefined : pages.error}
          onRetry={isFollowing ? undefined : pages.reload}
        />
        {events.length > 0 ? (
          <EventRows
            events={events}
            chosen={shown}
            onChoose={setChosen}
            onNearEnd={isFollowing ? undefined : pages.nearEnd}
          />
        ) : isFollowing ? (
          <Empty title="Waiting for the next event.">New events appear here as they arrive.</Empty>
        ) : pages.isLoading && !pages.hasMore ? (
          <Loading what="events" />
        ) : pages.hasMore ? (
          <Empty title="No match so far.">{pages.isLoading ? 'Still searching.' : 'Search stopped.'}</Empty>
        ) : pages.error === undefined ? (
          <Nothing filter={filter} looked={pages.looked} topic={topic} />
        ) : null}
        {isFollowing || pages.undecided === 0 ? null : (
          <p className="verdict warn">
            {plural(pages.undecided, 'event')} could not be matched: the pattern exceeds the step limit.
          </p>
        )}
        {isFollowing ? null : <SearchProgress what="events" search={pages} />}
      </Panel>
      {shown === undefined ? null : <EventDetail topic={topic} at={shown} onClose={() => setChosen(undefined)} />}
    </div>
  );
};
