import type { EventsQuery, TailQuery } from '@millrace/admin-api';
import { Inject, Injectable, type PipeTransform } from '@nestjs/common';
import { readPoint, refused } from '../contract/points.js';
import type { Cursor } from './cursor.js';
import { type EventFilter, eventFilterOf } from './event-filter.js';
import { type EventRange, TopicEvents } from './topic-events.js';

/** The part of a topic that a query is about. Throws a 400, a 422 for what is no pattern. */
@Injectable()
export class RangeOfQuery implements PipeTransform<EventsQuery, EventRange> {
  constructor(@Inject(TopicEvents) private readonly events: TopicEvents) {}

  transform({ from, to, limit, cursor, order, ...filter }: EventsQuery): EventRange {
    return {
      from: readPoint('from', from, '-'),
      to: readPoint('to', to, '+'),
      limit,
      order,
      filter: eventFilterOf(filter),
      cursor: cursor === undefined ? undefined : this.cursorOf(cursor),
    };
  }

  private cursorOf(text: string): Cursor {
    const cursor = this.events.cursorOf(text);
    if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
    return cursor;
  }
}

/** The events that a tail is about. Throws a 422 for what is no pattern. */
@Injectable()
export class FilterOfQuery implements PipeTransform<TailQuery, EventFilter | undefined> {
  transform(query: TailQuery): EventFilter | undefined {
    return eventFilterOf(query);
  }
}
