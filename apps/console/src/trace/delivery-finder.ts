import type { DeliveryTrace, LetterRef, TraceAttempt, TraceState } from '@millrace/admin-api';
import { type DeadLetterRange, Operations, type StoredDeadLetter, sizeOf } from '@millrace/operations';
import { againStream, type Delivery, type StreamName } from '@millrace/streams';
import { RedisTransport, type TraceRecord } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { charactersOf } from '../topics/stored-event.js';
import { byPosition } from '../topics/stream-merge.js';
import type { Origin } from './origin.js';

/** Entries of a group's own streams that are looked through, from either end. */
const LOOK_THROUGH = 500;
/** Dead letters of one look. */
const LETTERS = 2000;
/** The same in characters, and what of it is held at once. */
const LOOK_CHARACTERS = 8 * 1024 * 1024;
const PAGE_BYTES = 512 * 1024;
/**
 * A dead letter is written in the step that its record tells of: a moment later, or, by another clock, seconds before or
 * after. Where thousands die at once the moment has to be enough to find one.
 */
const AROUND_MS = [
  [50, 500],
  [5000, 5000],
] as const;

const isFrom = (one: Pick<Delivery, 'stream' | 'position'>, { stream, position }: Origin): boolean =>
  one.stream === stream && one.position === position;

interface Place {
  readonly state: TraceState;
  readonly parkedUntil?: number;
  readonly letter?: StoredDeadLetter;
}

/** Where a delivery waits in a stream of its group's own; and whether it is not there for sure. */
interface Waiting {
  readonly state: TraceState | undefined;
  readonly isSure: boolean;
}

/** Finds out what became of an event at a group. Rejects with `Unavailable`. */
@Injectable()
export class DeliveryFinder {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  /** `read` is the stream that the group gets it from: that of the origin, or the endpoint's own. */
  async find(group: string, origin: Origin, read: string, all: readonly TraceRecord[]): Promise<DeliveryTrace> {
    const records = all.filter((record) => record.group === group && isFrom(record, origin));
    const place = await this.placeOf(group, origin, read, records);
    const { letter, parkedUntil } = place;
    const tries = records.flatMap(attemptsOf);
    const attempts = tries.length > 0 || letter === undefined ? tries : fromHistory(letter);
    const redrives = records.map(({ redrivenAt }) => redrivenAt);
    return {
      state: place.state,
      at: letter?.lastFailedAt ?? records.at(-1)?.at ?? attempts.at(-1)?.at ?? null,
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
    if (again.state !== undefined) return { state: again.state };
    const { letter, isSure } = await this.letter(group, origin, last);
    if (letter !== undefined) return { state: 'dead', letter };
    if (last === undefined) return { state: isSure && read === origin.stream ? 'done' : 'unknown' };
    return this.withoutLetter(last, { isSure: isSure && again.isSure, isOwn: read !== origin.stream });
  }

  /** By the last that was recorded: all failures are, and of what went well a share. */
  private withoutLetter(last: TraceRecord, { isSure, isOwn }: { isSure: boolean; isOwn: boolean }): Place {
    if (last.outcome === 'done' || last.outcome === 'purged') return { state: last.outcome };
    // Kept in flight, in order, until its next attempt.
    if (last.outcome === 'parked' && last.parkedAs === undefined) {
      return { state: 'parked', ...(last.dueAt === undefined ? {} : { parkedUntil: last.dueAt }) };
    }
    // It failed and is not where it waited then; only who has looked everywhere may say that it was delivered since.
    if (!isSure) return { state: last.outcome === 'dead' ? 'dead' : 'unknown' };
    return { state: isOwn ? 'unknown' : 'done' };
  }

  /** Undefined where the group has settled it, as far as the stream itself tells. */
  private async inStream(group: string, stream: StreamName, origin: Origin): Promise<TraceState | undefined> {
    if (stream.name !== origin.stream) return (await this.inOwnStream(group, stream.name, origin)).state;
    const { observations, settings } = this.operations;
    const entryId = origin.position.split('.')[0] as string;
    const [[state], pending, pauses] = await Promise.all([
      observations.streams([stream]),
      observations.pending(stream, group, 1, entryId, entryId),
      settings.pauses(),
    ]);
    if (pending.length > 0) return 'in-hand';
    const known = state?.groups.find(({ name }) => name === group);
    const isHandedOut = known !== undefined && byPosition(entryId, known.lastDeliveredId) <= 0;
    if (isHandedOut) return undefined;
    return pauses.has(group) ? 'paused' : 'waiting';
  }

  /** In a stream of the group's own there is only what it has not settled, and nothing older than where it came from. */
  private async inOwnStream(group: string, name: string, origin: Origin): Promise<Waiting> {
    const { reader } = this.transport;
    const { settings } = this.operations;
    const stream = { name, partition: origin.partition };
    const from = origin.position.split('-')[0] as string;
    const isHere = (one: Delivery) => isFrom(one, origin);
    let { isFound, isAll } = await this.lookInto(isHere, (after) =>
      reader.range(stream, after === undefined ? from : `(${after}`, '+', LOOK_THROUGH, PAGE_BYTES),
    );
    if (!isFound && !isAll) {
      ({ isFound } = await this.lookInto(isHere, (before) =>
        reader.newest(stream, from, before === undefined ? '+' : `(${before}`, LOOK_THROUGH, PAGE_BYTES),
      ));
    }
    if (!isFound) return { state: undefined, isSure: isAll };
    return { state: (await settings.pauses()).has(group) ? 'paused' : 'waiting', isSure: true };
  }

  /** A page at a time, so that of what is looked through little is held; `isAll`: there was no more. */
  private async lookInto(
    isMeant: (one: Delivery) => boolean,
    read: (last: string | undefined) => Promise<readonly Delivery[]>,
  ): Promise<{ isFound: boolean; isAll: boolean }> {
    let last: string | undefined;
    for (let [looked, characters] = [0, 0]; looked < LOOK_THROUGH && characters < LOOK_CHARACTERS; ) {
      const page = await read(last);
      if (page.length === 0) return { isFound: false, isAll: true };
      if (page.some(isMeant)) return { isFound: true, isAll: false };
      last = page.at(-1)?.position;
      looked += page.length;
      characters += page.reduce((sum, one) => sum + charactersOf(one), 0);
    }
    return { isFound: false, isAll: false };
  }

  private async parkedUntil(
    group: string,
    { stream, position, partition }: Origin,
    records: readonly TraceRecord[],
  ): Promise<number | undefined> {
    const [id, index = '0'] = position.split('.');
    const names = new Set([`${stream}/${id}/${index}`, ...records.flatMap(({ parkedAs }) => parkedAs ?? [])]);
    for (const name of names) {
      const due = await this.operations.observations.parkedUntil(group, partition, name);
      if (due !== undefined) return due;
    }
    return undefined;
  }

  /** Its dead letter, and whether there is none for sure. */
  private async letter(group: string, origin: Origin, last: TraceRecord | undefined) {
    const { at, outcome } = last ?? {};
    const windows =
      outcome === 'dead' && at !== undefined
        ? AROUND_MS.map(([before, after]) => ({ from: String(at - before), to: String(at + after) }))
        : [{ from: origin.position.split('-')[0] as string, to: '+' }];
    let isSure = false;
    for (const when of windows) {
      const found = await this.letterIn({ group, partition: origin.partition, ...when }, origin);
      if (found.letter !== undefined) return found;
      ({ isSure } = found);
    }
    return { letter: undefined, isSure };
  }

  private async letterIn(range: DeadLetterRange, origin: Origin) {
    let { to } = range;
    for (let [looked, characters] = [0, 0]; looked < LETTERS && characters < LOOK_CHARACTERS; ) {
      const { letters, more } = await this.operations.deadLetters.newestPage({ ...range, to }, LETTERS, PAGE_BYTES);
      const letter = letters.find((one) => isFrom(one, origin));
      if (letter !== undefined || !more) return { letter, isSure: true };
      to = `(${letters.at(-1)?.id}`;
      looked += letters.length;
      characters += letters.reduce((sum, one) => sum + sizeOf(one), 0);
    }
    return { letter: undefined, isSure: false };
  }
}

const OUTCOMES = { done: 'done', parked: 'retry', dead: 'rejected' } as const;

/** A purge is no attempt. */
const attemptsOf = ({ at, attempt, outcome, error, ms }: TraceRecord): TraceAttempt[] =>
  outcome === 'purged'
    ? []
    : [{ at, attempt, outcome: OUTCOMES[outcome], ms: ms ?? null, status: null, ...errorOf(error) }];

const errorOf = (text: string | undefined): { error: string | null; message: string | null } => {
  if (text === undefined) return { error: null, message: null };
  const at = text.indexOf(': ');
  return at < 0 ? { error: text, message: null } : { error: text.slice(0, at), message: text.slice(at + 2) };
};

const fromHistory = ({ history }: StoredDeadLetter): TraceAttempt[] =>
  history.map(({ at, attempt, error }, n) => ({
    at,
    attempt,
    outcome: n === history.length - 1 ? 'rejected' : 'retry',
    ms: null,
    status: null,
    ...errorOf(error),
  }));

const refOf = (group: string, partition: number, { id }: StoredDeadLetter): LetterRef => ({ group, partition, id });
