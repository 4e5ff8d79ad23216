import {
  againStream,
  type DeadLetter,
  deadStream,
  type StreamedEvent,
  storedJson,
  storedWhole,
} from '@millrace/streams';
import type { Connection, Keys, Rows } from '@millrace/streams/redis';
import { type Functions, storedFailures } from '@millrace/streams/redis/internal';
import type { OperationFunctions } from '../functions/operations-library.js';

/** A dead letter and where it stands in the stream of dead letters. */
export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}

const read = ([id, fields]: readonly [string, readonly string[]]): StoredDeadLetter => {
  const of = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) of.set(fields[i] as string, fields[i + 1] as string);
  return {
    id,
    type: of.get('type'),
    json: of.get('event'),
    fields: fieldsIn(of.get('fields')),
    hop: of.get('hop') ?? '',
    group: of.get('group') ?? '',
    consumer: of.get('consumer') ?? '',
    stream: of.get('stream') ?? '',
    position: of.get('position') ?? '',
    error: of.get('error') ?? '',
    message: of.get('message') ?? '',
    stack: of.get('stack'),
    trace: of.get('trace'),
    attempts: storedWhole(of.get('attempts')) ?? 0,
    firstFailedAt: storedWhole(of.get('first')) ?? 0,
    lastFailedAt: storedWhole(of.get('last')) ?? 0,
    history: storedFailures(of.get('history') ?? '[]') ?? [],
  };
};

const fieldsIn = (json: string | undefined): string[] | undefined => {
  const fields = storedJson(json);
  return Array.isArray(fields) ? fields.map(String) : undefined;
};

/** A part of a group's dead letters in one partition, by ids of the stream of dead letters; `-` and `+` are the ends. */
export interface DeadLetterRange {
  readonly group: string;
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

/** A dead letter to be tried again, with another event in place of its own if one is given. */
export interface Redrive {
  readonly letter: StoredDeadLetter;
  readonly event?: StreamedEvent;
}

/** A redrive of many in one partition, and how far it came. */
export interface RedrivePart {
  /** Of the redrive. */
  readonly id: string;
  readonly group: string;
  readonly partition: number;
}

/** A step of a redrive: from where it was to where it will be, and what of that is moved. */
export interface RedriveStep {
  /** Undefined at the beginning. */
  readonly from: string | undefined;
  readonly to: string;
  /** At most 500 and 1 MiB. */
  readonly letters: readonly StoredDeadLetter[];
}

/** How many dead letters a redrive moved in a partition, of all groups together, and how many have no payload. */
export interface RedriveCounts {
  readonly redriven: number;
  readonly withoutPayload: number;
}

const PAGE = 200;
const CALL_LETTERS = 500;
const CALL_BYTES = 1024 * 1024;
/** What one page has at most, but for the last part that it has room for. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Whether a dead letter has what can be tried again. */
export const hasPayload = ({ type, json }: StoredDeadLetter): boolean => type !== undefined && json !== undefined;

/** About how many characters a dead letter has. */
export const sizeOf = ({ json = '', fields = [], message, stack = '', history }: StoredDeadLetter): number =>
  json.length + fields.join('').length + message.length + stack.length + 200 * history.length;

const fieldsOf = ({ letter, event }: Redrive, now: number): string[] | undefined => {
  const { type = event?.type, json = event?.json } = letter;
  if (type === undefined || json === undefined) return undefined;
  return [
    ...['type', event?.type ?? type, 'event', event?.json ?? json],
    ...['stream', letter.stream, 'position', letter.position, 'attempt', String(letter.attempts)],
    ...['first', String(letter.firstFailedAt), 'history', JSON.stringify(letter.history)],
    ...['redriven', JSON.stringify({ at: now, attempts: letter.attempts })],
  ];
};

/** Arguments of one call for up to so many dead letters and so many bytes: a call holds up everybody else. */
const callsOf = (some: readonly Redrive[]): (string | number)[][] => {
  const calls: (string | number)[][] = [];
  let [letters, bytes] = [CALL_LETTERS, 0];
  for (const one of some) {
    const fields = fieldsOf(one, Date.now());
    if (fields === undefined) continue;
    const size = fields.reduce((sum, field) => sum + Buffer.byteLength(field), 0);
    if (letters === CALL_LETTERS || bytes + size > CALL_BYTES) {
      calls.push([]);
      [letters, bytes] = [0, 0];
    }
    calls.at(-1)?.push(one.letter.id, fields.length, ...fields);
    letters += 1;
    bytes += size;
  }
  return calls;
};

/** Dead letters of groups, kept until somebody redrives or purges it. All methods reject with `Unavailable`. */
export class DeadLetters {
  constructor(
    private readonly redis: Connection,
    private readonly functions: Functions,
    private readonly operations: OperationFunctions,
    private readonly keys: Keys,
  ) {}

  /** From the newest of the range to the oldest, at most `limit`, and about 4 MiB. */
  async newest(range: DeadLetterRange, limit: number): Promise<StoredDeadLetter[]> {
    return (await this.newestPage(range, limit)).letters;
  }

  /** The same, or of other bytes, and whether there are older ones: of large ones a page has fewer, though at least one. */
  async newestPage(
    range: DeadLetterRange,
    limit: number,
    mostBytes = MOST_BYTES,
  ): Promise<{ letters: StoredDeadLetter[]; more: boolean }> {
    const letters: StoredDeadLetter[] = [];
    let [more, bytes] = [true, 0];
    for (let { to } = range; more && letters.length < limit && bytes < mostBytes; ) {
      const [rows, hasMore] = await this.rows(range, to, range.from, limit - letters.length, true, mostBytes - bytes);
      letters.push(...rows);
      for (const letter of rows) bytes += sizeOf(letter);
      more = hasMore && rows.length > 0;
      to = `(${rows.at(-1)?.id}`;
    }
    return { letters, more };
  }

  /** Id of the newest of the range, without the dead letter; undefined where there is none. */
  async newestId(range: DeadLetterRange): Promise<string | undefined> {
    const id = await this.functions.call('first_id', [this.key(range)], [range.to, range.from, 1]);
    return (id as string | null) ?? undefined;
  }

  /** How many there are, whatever the ends of the ranges. */
  async counts(ranges: readonly Pick<DeadLetterRange, 'group' | 'partition'>[]): Promise<number[]> {
    return Promise.all(ranges.map((range) => this.redis.xlen(this.key(range))));
  }

  /** All of the range that are there when it is asked for, the oldest first, a page at a time. */
  async *all(range: DeadLetterRange): AsyncIterable<StoredDeadLetter[]> {
    // What dies while this goes on is not of it: else a redrive would run after what it redrives, for ever.
    const last = await this.newestId(range);
    for (let from = range.from; last !== undefined; ) {
      const page = await this.oldest({ ...range, from, to: last }, PAGE);
      if (page.length === 0) return;
      yield page;
      from = `(${(page.at(-1) as StoredDeadLetter).id}`;
    }
  }

  /** From the oldest of the range on, at most `limit` and about 512 KiB: only none at all is the end. */
  async oldest(range: DeadLetterRange, limit: number): Promise<StoredDeadLetter[]> {
    const [found] = await this.rows(range, range.from, range.to, limit, false);
    return found;
  }

  /**
   * Moves dead letters to what their group reads, to be tried again as often as a new delivery; their attempts and
   * history go on. Gives how many were moved: not those that lost their payload, nor those that another client moved.
   */
  async redrive({ group, partition }: Pick<DeadLetterRange, 'group' | 'partition'>, some: readonly Redrive[]) {
    const keys = [deadStream(group), againStream(group)].map((name) => this.keys.stream({ name, partition }));
    let moved = 0;
    for (const args of callsOf(some)) moved += (await this.operations.call('redrive', keys, args)) as number;
    return moved;
  }

  /** Where a redrive stands in a group's dead letters; undefined at the beginning. */
  async redrivenTo(part: RedrivePart): Promise<string | undefined> {
    return (await this.redis.hget(this.progressKey(part), `at ${part.group}`)) ?? undefined;
  }

  /** What a redrive did in a partition, of all groups. */
  async redriveCounts(part: Pick<RedrivePart, 'id' | 'partition'>): Promise<RedriveCounts> {
    const found = await this.redis.hmget(this.progressKey(part), 'redriven', 'without');
    const [redriven = 0, withoutPayload = 0] = found.map((text) => storedWhole(text ?? undefined) ?? 0);
    return { redriven, withoutPayload };
  }

  /** One step of a redrive. False where another client has gone on: then nothing was done. */
  async redriveStep(part: RedrivePart, { from, to, letters }: RedriveStep): Promise<boolean> {
    const names = [deadStream(part.group), againStream(part.group)];
    const keys = names.map((name) => this.keys.stream({ name, partition: part.partition }));
    const some = letters.filter(hasPayload);
    const moved = some.flatMap((letter) => callsOf([{ letter }]).flat());
    const args = [`at ${part.group}`, from ?? '', to, letters.length - some.length, ...moved];
    return (await this.operations.call('redrive_step', [...keys, this.progressKey(part)], args)) !== -1;
  }

  /** Deletes dead letters permanently. Gives how many there were. */
  async purge(of: Pick<DeadLetterRange, 'group' | 'partition'>, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.redis.xdel(this.key(of), ...ids);
  }

  private async rows(
    range: DeadLetterRange,
    ...[from, to, limit, isNewestFirst, mostBytes]: [string, string, number, boolean, number?]
  ): Promise<[StoredDeadLetter[], boolean]> {
    const args = [from, to, limit, isNewestFirst ? 1 : 0, ...(mostBytes === undefined ? [] : [mostBytes])];
    const [rows, more] = (await this.functions.call('page', [this.key(range)], args)) as [Rows, number];
    return [rows.map(([id, fields]) => read([id, fields ?? []])), more === 1];
  }

  private progressKey({ id, partition }: Pick<RedrivePart, 'id' | 'partition'>): string {
    return this.keys.stream({ name: `redrive:${id}`, partition });
  }

  private key({ group, partition }: Pick<DeadLetterRange, 'group' | 'partition'>): string {
    return this.keys.stream({ name: deadStream(group), partition });
  }
}
