import type { Redis } from 'ioredis';
import type { Delivery, Position, Reader, StreamName } from '../../contract.js';
import { readEntry } from '../../entry.js';
import { backoff, pause } from '../../time/pause.js';
import { Turns } from '../../turns.js';
import { byPosition } from '../connection/entry-id.js';
import type { Keys } from '../connection/keys.js';
import type { Rows } from '../connection/stream-answer.js';
import type { Functions } from '../functions/functions.js';

const BLOCK_MS = 1000;
/** Entries that are read at once: each may be a frame. */
const PAGE = 100;
/** What one answer has at most unless it is said, but for the last entry that it has room for. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Pages that are on their way at once, of all who read: each may have one entry of any size. */
const MOST_AT_ONCE = 8;

/** The entry of a position: `1795-0.3` is in entry `1795-0`. */
const entryId = (position: Position): string => position.split('.')[0] as string;

/** An end of a range that may have `(` before it. */
interface End {
  readonly at: Position;
  readonly isOpen: boolean;
  /** As Redis takes it: of an entry that is left out as a whole nothing is needed, of a frame its other events are. */
  readonly entry: string;
}

const endOf = (text: string): End => {
  const isOpen = text.startsWith('(');
  const at = isOpen ? text.slice(1) : text;
  return { at, isOpen, entry: isOpen && !at.includes('.') ? text : entryId(at) };
};

/** Redis knows entries; the events of a frame at an end of a range are told apart here. */
const isWithin = ({ position }: Delivery, from: End, to: End): boolean =>
  (!from.at.includes('.') || byPosition(position, from.at) >= (from.isOpen ? 1 : 0)) &&
  (!to.at.includes('.') || byPosition(position, to.at) < (to.isOpen ? 0 : 1));

interface Pages {
  readonly start: string;
  readonly end: string;
  readonly isNewestFirst: boolean;
  readonly mostBytes: number;
}

/** Reads by a Function, a page of so many bytes at a time; waits by XREAD on a connection of its own. */
export class RedisReader implements Reader {
  private readonly turns = new Turns(MOST_AT_ONCE);

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    /** Opens a connection for reads of a partition that wait. */
    private readonly openBlocking: (partition: number) => Redis,
    private readonly closing: AbortSignal,
  ) {}

  range(stream: StreamName, from: Position, to: Position, limit: number, mostBytes = MOST_BYTES): Promise<Delivery[]> {
    const [first, last] = [endOf(from), endOf(to)];
    const pages = { start: first.entry, end: last.entry, isNewestFirst: false, mostBytes };
    return this.pages(stream, pages, limit, (one) => isWithin(one, first, last));
  }

  newest(stream: StreamName, from: Position, to: Position, limit: number, mostBytes = MOST_BYTES): Promise<Delivery[]> {
    const [first, last] = [endOf(from), endOf(to)];
    const pages = { start: last.entry, end: first.entry, isNewestFirst: true, mostBytes };
    return this.pages(stream, pages, limit, (one) => isWithin(one, first, last));
  }

  async endOf(
    stream: StreamName,
    from: Position,
    to: Position,
    order: 'oldest' | 'newest',
  ): Promise<Position | undefined> {
    const [first, last] = [endOf(from).entry, endOf(to).entry];
    const args = order === 'oldest' ? [first, last, 0] : [last, first, 1];
    const id = await this.functions.call('first_id', [this.keys.stream(stream)], args);
    return (id as string | null) ?? undefined;
  }

  /** A page at a time, until there are enough, or as many bytes as one answer may have. */
  private async pages(
    stream: StreamName,
    { start, end, isNewestFirst, mostBytes }: Pages,
    limit: number,
    isWanted: (delivery: Delivery) => boolean,
  ): Promise<Delivery[]> {
    const found: Delivery[] = [];
    let bytes = 0;
    for (let from = start; found.length < limit && bytes < mostBytes; ) {
      const count = Math.min(limit - found.length, PAGE);
      const [rows, more] = await this.page(stream, [from, end, count, isNewestFirst ? 1 : 0, mostBytes - bytes]);
      for (const row of rows) {
        const deliveries = this.deliveries(stream, [row]).filter(isWanted);
        for (const { event } of deliveries) bytes += event.json.length;
        found.push(...(isNewestFirst ? deliveries.reverse() : deliveries));
      }
      if (more === 0) break;
      from = `(${rows.at(-1)?.[0]}`;
    }
    return found.slice(0, limit);
  }

  async *tail(stream: StreamName, after: Position, signal: AbortSignal): AsyncIterable<Delivery> {
    const stop = AbortSignal.any([signal, this.closing]);
    const blocking = this.openBlocking(stream.partition);
    const interrupt = () => blocking.disconnect();
    stop.addEventListener('abort', interrupt, { once: true });
    try {
      let last = after === '$' ? await this.lastId(stream) : entryId(after);
      yield* await this.restOfFrame(stream, after);
      for (let failures = 0; !stop.aborted; ) {
        let rows: Rows;
        try {
          await this.waitFor(blocking, stream, last);
          [rows] = await this.page(stream, [`(${last}`, '+', PAGE, 0]);
        } catch {
          await pause(backoff(++failures), stop);
          continue;
        }
        failures = 0;
        last = rows.at(-1)?.[0] ?? last;
        yield* this.deliveries(stream, rows);
      }
    } finally {
      stop.removeEventListener('abort', interrupt);
      blocking.disconnect();
    }
  }

  /** What comes after a position in its own entry. */
  private async restOfFrame(stream: StreamName, after: Position): Promise<Delivery[]> {
    if (!after.includes('.')) return [];
    const frame = await this.range(stream, entryId(after), entryId(after), Number.MAX_SAFE_INTEGER);
    return frame.slice(frame.findIndex(({ position }) => position === after) + 1);
  }

  private async lastId(stream: StreamName): Promise<string> {
    const ends = (await this.functions.call('ends', [this.keys.stream(stream)], [])) as string[] | null;
    return ends?.[3] || '0-0';
  }

  /** Until something comes after an entry, or a second. What that is, `page` tells: XREAD knows no bound in bytes. */
  private async waitFor(redis: Redis, stream: StreamName, id: string): Promise<void> {
    await redis.call('XREAD', 'COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', this.keys.stream(stream), id);
  }

  private async page(stream: StreamName, args: (string | number)[]): Promise<[Rows, more: number]> {
    const ask = () => this.functions.call('page', [this.keys.stream(stream)], args);
    return (await this.turns.take(ask)) as [Rows, number];
  }

  private deliveries(stream: StreamName, rows: Rows): Delivery[] {
    return rows.flatMap(([id, fields]) => readEntry(stream.name, stream.partition, id, fields ?? [], 1).deliveries);
  }
}
