import { setTimeout as pause } from 'node:timers/promises';
import type { PublishAnswer } from '@millrace/admin-api';
import { Random } from '@millrace/testkit';
import { type EventKind, type NumberedEvent, NumberedEvents } from './numbered-event.js';

/** Where to send, and how much. */
export interface ProducerOptions {
  /** Of the gateways, which take the requests in turn. */
  readonly urls: readonly string[];
  readonly seed: number;
  /** Kinds of events that are not sent. */
  readonly without?: readonly EventKind[];
}

const EVERY_MS = 80;
const MOST_IN_A_REQUEST = 50;
const MOST_UNDER_WAY = 4;
const ANSWER_WITHIN_MS = 5000;
const AGAIN_AFTER_MS = 200;

/** Sends numbered events, each until it is answered, and keeps those that were accepted. */
export class Producer {
  /** Every event that was answered 202, by its id. */
  readonly accepted = new Map<string, NumberedEvent>();
  /** Answers by status; 0 where there was none. */
  readonly answers = new Map<number, number>();
  /** Refused permanently, with the answer: there should be none. */
  readonly refused: string[] = [];
  private readonly events: NumberedEvents;
  private readonly random: Random;
  private requests = 0;

  constructor(private readonly options: ProducerOptions) {
    this.events = new NumberedEvents(options.seed, options.without);
    this.random = new Random(options.seed + 2);
  }

  /** Resolves when the signal has aborted and every event that was sent is answered. */
  async run(stop: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!stop.aborted) {
      const size = this.random.next() < 0.2 ? 1 : this.random.between(2, MOST_IN_A_REQUEST);
      const sending = this.deliver(Array.from({ length: size }, () => this.events.next()));
      const tracked: Promise<void> = sending.finally(() => underWay.delete(tracked));
      underWay.add(tracked);
      await pause(EVERY_MS);
      if (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  private async deliver(events: readonly NumberedEvent[]): Promise<void> {
    for (let left = events; left.length > 0; ) {
      left = await this.send(left);
      if (left.length > 0) await pause(AGAIN_AFTER_MS);
    }
  }

  /** One request; gives what has to be sent again. */
  private async send(events: readonly NumberedEvent[]): Promise<readonly NumberedEvent[]> {
    const isSingle = events.length === 1;
    const { status, text } = await this.post(
      isSingle ? 'application/cloudevents+json' : 'application/x-ndjson',
      events.map(({ json }) => json).join('\n'),
    );
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status !== 202) {
      if (status === 0 || status === 429 || status === 503) return events;
      this.refused.push(`${status}: ${text.slice(0, 300)}`);
      return [];
    }
    const again: NumberedEvent[] = [];
    for (const result of (JSON.parse(text) as PublishAnswer).results) {
      const event = events[result.index] as NumberedEvent;
      if (result.status !== 'rejected') this.accepted.set(event.id, event);
      else if (result.error.retryable) again.push(event);
      else this.refused.push(`${event.id}: ${JSON.stringify(result.error)}`);
    }
    return again;
  }

  private async post(contentType: string, body: string): Promise<{ status: number; text: string }> {
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const headers = { 'content-type': contentType };
      const { urls } = this.options;
      const url = urls[this.requests++ % urls.length];
      const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body, signal });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' }; // Nobody knows whether it was accepted; sent again, it is a duplicate if so.
    }
  }
}
