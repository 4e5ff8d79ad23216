import { againStream, type Delivery, type StreamName } from '@millrace/streams';
import { RedisTransport, type StoredDeadLetter, type TraceRecord } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { byPosition } from '../topics/partition-merge.js';
import type { DeliveryTrace, LetterRef, Origin, TraceAttempt, TraceState } from './trace.js';

/** Entries of a group's own streams, and dead letters, that are looked through. */
const LOOK_THROUGH = 500;
/** A dead letter is written in the step that its record tells of, by another clock. */
const CLOCKS_MS = 5000;

const isFrom = (one: Pick<Delivery, 'stream' | 'position'>, { stream, position }: Origin): boolean =>
  one.stream === stream && one.position === position;

/** Where a delivery is now. */
interface Place {
  readonly state: TraceState;
  readonly parkedUntil?: number;
  readonly letter?: StoredDeadLetter;
}

/** Finds out what became of an event at a group. Rejects with `Unavailable`. */
@Injectable()
export class DeliveryFinder {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  /** `read` is the stream that the group gets it from: that of the origin, or the endpoint's own. */
  async find(group: string, origin: Origin, read: string, all: readonly TraceRecord[]): Promise<DeliveryTrace> {
    const records = all.filter((record) => record.group === group && isFrom(record, origin));
    const place = await this.placeOf(group, origin, read, records);
    const { letter, parkedUntil } = place;
    const attempts = records.length > 0 || letter === undefined ? records.map(attemptOf) : fromHistory(letter);
    const redrives = records.map(({ redrivenAt }) => redrivenAt);
    return {
      state: place.state,
      at: letter?.lastFailedAt ?? attempts.at(-1)?.at ?? null,
      parkedUntil: parkedUntil ?? null,
      attempts,
      deadLetter: letter === undefined ? null : refOf(group, origin.partition, letter),
      redriven: new Set(redrives.filter((at) => at !== undefined)).size,
    };
  }

  private async placeOf(group: string, origin: Origin, read: string, records: readonly TraceRecord[]): Promise<Place> {
    const { partition } = origin;
    const last = records.at(-1);
    const waiting = await this.inStream(group, { name: read, partition }, origin);
    if (waiting !== undefined) return { state: waiting };
    const parkedUntil = await this.parkedUntil(group, origin, records);
    if (parkedUntil !== undefined) return { state: 'parked', parkedUntil };
    const again = await this.inOwnStream(group, againStream(group), origin);
    if (again !== undefined) return { state: again };
    const { letter, isSure } = await this.letter(group, origin, last);
    if (letter !== undefined) return { state: 'dead', letter };
    if (!isSure && last === undefined) return { state: 'unknown' };
    // Kept in hand, in order, until its next attempt.
    if (last?.outcome === 'parked' && last.parkedAs === undefined) {
      return { state: 'parked', ...(last.dueAt === undefined ? {} : { parkedUntil: last.dueAt }) };
    }
    return { state: read === origin.stream || last?.outcome === 'done' ? 'done' : 'unknown' };
  }

  /** Undefined where the group has settled it, as far as the stream itself tells. */
  private async inStream(group: string, stream: StreamName, origin: Origin): Promise<TraceState | undefined> {
    if (stream.name !== origin.stream) return this.inOwnStream(group, stream.name, origin);
    const { observations, controls } = this.transport;
    const entryId = origin.position.split('.')[0] as string;
    const [[state], pending, pauses] = await Promise.all([
      observations.streams([stream]),
      observations.pending(stream, group, 1, entryId, entryId),
      controls.pauses(),
    ]);
    if (pending.length > 0) return 'in-hand';
    const known = state?.groups.find(({ name }) => name === group);
    const isHandedOut = known !== undefined && byPosition(entryId, known.lastDeliveredId) <= 0;
    if (isHandedOut) return undefined;
    return pauses.has(group) ? 'paused' : 'waiting';
  }

  /** In a stream of the group's own there is only what it has not settled. */
  private async inOwnStream(group: string, name: string, origin: Origin): Promise<TraceState | undefined> {
    const { reader, controls } = this.transport;
    const stream = { name, partition: origin.partition };
    const found = (await reader.range(stream, '-', '+', LOOK_THROUGH)).some((one) => isFrom(one, origin));
    if (!found) return undefined;
    return (await controls.pauses()).has(group) ? 'paused' : 'waiting';
  }

  private async parkedUntil(
    group: string,
    { stream, position, partition }: Origin,
    records: readonly TraceRecord[],
  ): Promise<number | undefined> {
    const [id, index = '0'] = position.split('.');
    const names = new Set([`${stream}/${id}/${index}`, ...records.flatMap(({ parkedAs }) => parkedAs ?? [])]);
    for (const name of names) {
      const due = await this.transport.observations.parkedUntil(group, partition, name);
      if (due !== undefined) return due;
    }
    return undefined;
  }

  /** Its dead letter, and whether there is none for sure. */
  private async letter(group: string, origin: Origin, last: TraceRecord | undefined) {
    const { partition } = origin;
    const when =
      last?.outcome === 'dead'
        ? { from: String(last.at - CLOCKS_MS), to: String(last.at + CLOCKS_MS) }
        : { from: origin.position.split('-')[0] as string, to: '+' };
    const letters = await this.transport.deadLetters.newest({ group, partition, ...when }, LOOK_THROUGH);
    const letter = letters.find((one) => isFrom(one, origin));
    return { letter, isSure: letter !== undefined || letters.length < LOOK_THROUGH };
  }
}

const OUTCOMES = { done: 'done', parked: 'retry', dead: 'rejected' } as const;

const attemptOf = ({ at, attempt, outcome, error, ms }: TraceRecord): TraceAttempt => ({
  ...{ at, attempt, outcome: OUTCOMES[outcome], ms: ms ?? null, status: null },
  ...errorOf(error),
});

const errorOf = (text: string | undefined): { error: string | null; message: string | null } => {
  if (text === undefined) return { error: null, message: null };
  const at = text.indexOf(': ');
  return at < 0 ? { error: text, message: null } : { error: text.slice(0, at), message: text.slice(at + 2) };
};

const fromHistory = ({ history }: StoredDeadLetter): TraceAttempt[] =>
  history.map(({ at, attempt, error }, n) => ({
    ...{ at, attempt, outcome: n === history.length - 1 ? 'rejected' : 'retry', ms: null, status: null },
    ...errorOf(error),
  }));

const refOf = (group: string, partition: number, { id }: StoredDeadLetter): LetterRef => ({ group, partition, id });
