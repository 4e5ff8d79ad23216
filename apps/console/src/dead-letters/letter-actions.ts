import { decodeRequest } from '@millrace/events';
import { writeJson } from '@millrace/json';
import { Operations, type StoredDeadLetter } from '@millrace/operations';
import type { StreamedEvent } from '@millrace/streams';
import { Inject, Injectable } from '@nestjs/common';
import { missing, refusal } from '../contract/problems.js';
import { type DeadLetterFilter, DeadLetterFinder } from './dead-letter-finder.js';

/** Where a dead letter stands, as an address has it. */
export interface LetterPlace {
  readonly group: string;
  readonly partition: string;
  readonly id: string;
}

/** What is done with dead letters by hand, at once. All methods reject with `Unavailable`. */
@Injectable()
export class LetterActions {
  constructor(
    @Inject(DeadLetterFinder) private readonly letters: DeadLetterFinder,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  /** Rejects with a 404. */
  async find({ group, partition, id }: LetterPlace): Promise<{ letter: StoredDeadLetter; partition: number }> {
    const isPlace = /^\d{1,4}$/.test(partition) && /^\d{1,16}-\d{1,16}$/.test(id);
    const letter = isPlace ? await this.letters.one(group, Number(partition), id) : undefined;
    if (letter !== undefined) return { letter, partition: Number(partition) };
    throw missing('Dead letter not found: it was redriven or purged, or never existed');
  }

  /** Deletes all that match permanently. Gives how many. */
  async purge(filter: DeadLetterFilter, who: string): Promise<number> {
    let purged = 0;
    try {
      for await (const { letters, ...of } of this.letters.all(filter)) {
        purged += await this.operations.purge(of, letters);
      }
    } finally {
      // What was deleted before Redis went away is reported as well.
      if (purged > 0) await this.operations.audit.add(who, 'purge', { filter, purged });
    }
    return purged;
  }

  /** Sends one again, with another event in its place if there is one. Gives 0 where another client was first. Rejects with a 422. */
  async redrive(
    place: LetterPlace,
    event: Readonly<Record<string, unknown>> | undefined,
    who: string,
  ): Promise<number> {
    const { letter, partition } = await this.find(place);
    if (letter.json === undefined && event === undefined) {
      throw refusal(
        'no-payload',
        422,
        'The event was trimmed before it was delivered; send one in its place',
        '/event',
      );
    }
    const edited = event === undefined ? {} : { event: editedEvent(event) };
    const { group } = letter;
    const redriven = await this.operations.deadLetters.redrive({ group, partition }, [{ letter, ...edited }]);
    const detail = { group, partition, id: letter.id, redriven, was: event === undefined ? undefined : letter.json };
    if (redriven > 0) await this.operations.audit.add(who, 'redrive', detail);
    return redriven;
  }
}

/** A CloudEvent that stands in for one that failed, checked as the gateway checks it. Throws a 422 that says what is wrong. */
const editedEvent = (event: Readonly<Record<string, unknown>>): StreamedEvent => {
  const [decoded] = decodeRequest({ 'content-type': 'application/cloudevents+json' }, Buffer.from(writeJson(event)), {
    defaultSource: '/',
    now: () => new Date(),
    newId: () => '',
  });
  if (decoded === undefined || !decoded.ok) {
    throw refusal('invalid-event', 422, `event: ${decoded?.error.message ?? 'missing'}`, '/event');
  }
  return { type: decoded.event.type, json: decoded.event.json };
};
