import type { StoredEvent } from '@millrace/admin-api';
import { INBOX } from '@millrace/streams';
import { Inject, Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answers/answer-budget.js';
import { Effort } from '../answers/effort.js';
import { Observer } from '../observation/observer.js';
import { eventFilterOf } from '../topics/event-filter.js';
import { TopicEvents } from '../topics/topic-events.js';

/** Most events that one request looks through; the next one goes on from there. */
const LOOK_THROUGH = 10_000;

/** What a search has come to so far. */
export interface Searched {
  /** Where the event stands; undefined where it was not found so far. */
  readonly found: { readonly topic: string; readonly event: StoredEvent } | undefined;
  readonly looked: number;
  /** Where it goes on; null where all there is was looked through. */
  readonly next: string | null;
}

/** Looks for an event by its name where nothing says where it is: through the inbox, then through the topics, the newest first. */
@Injectable()
export class EventSearch {
  constructor(
    @Inject(TopicEvents) private readonly events: TopicEvents,
    @Inject(Observer) private readonly observer: Observer,
  ) {}

  /** Goes on from the `next` of an earlier search; undefined where the text is none. Rejects with `Unavailable`. */
  async look(name: { source: string; id: string }, from?: string): Promise<Searched | undefined> {
    const topics = [INBOX, ...(await this.observer.topicNames())];
    const start = from === undefined ? { topic: INBOX, cursor: undefined } : this.startOf(from, topics);
    if (start === undefined) return undefined;
    const filter = eventFilterOf({ id: name.id, pattern: { source: [name.source] } });
    const effort = new Effort();
    const range = { from: '-', to: '+', limit: 1, order: 'newest', filter, effort } as const;
    let { topic, cursor } = start;
    const budget = new AnswerBudget();
    for (let looked = 0; ; ) {
      const page = await this.events.page(topic, { ...range, budget, ...(cursor === undefined ? {} : { cursor }) });
      looked += page.looked;
      const [event] = page.events;
      if (event !== undefined) return { found: { topic, event }, looked, next: null };
      const following = page.next === null ? topics[topics.indexOf(topic) + 1] : topic;
      if (following === undefined) return { found: undefined, looked, next: null };
      topic = following;
      cursor = page.next === null ? undefined : this.events.cursorOf(page.next);
      if (looked < LOOK_THROUGH && !effort.isSpent && !budget.isSpent) continue;
      return { found: undefined, looked, next: `${topic} ${cursor ?? ''}` };
    }
  }

  private startOf(text: string, topics: readonly string[]) {
    const [topic = '', place = ''] = text.split(' ');
    const cursor = place === '' ? undefined : this.events.cursorOf(place);
    return topics.includes(topic) && (place === '' || cursor !== undefined) ? { topic, cursor } : undefined;
  }
}
