import type { Redis } from 'ioredis';
import type { Delivery, Position, Reader, StreamName } from '../contract.js';
import { readEntry } from '../entry.js';
import { backoff, pause } from '../pause.js';
import { asUnavailable, type Connection } from './connection.js';
import { byPosition } from './entry-id.js';
import type { Keys } from './keys.js';
import { byStream, type Rows } from './stream-answer.js';

const BLOCK_MS = 1000;
const PAGE = 500;
/** Entries that are read at once: each may be a frame. */
const RANGE_PAGE = 100;

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

/** Reads by XRANGE, and by XREAD on a connection of its own. */
export class RedisReader implements Reader {
  constructor(
    private readonly commands: Connection,
    private readonly keys: Keys,
    /** Opens a connection for reads of a partition that wait. */
    private readonly openBlocking: (partition: number) => Redis,
    private readonly closing: AbortSignal,
  ) {}

  async range(stream: StreamName, from: Position, to: Position, limit: number): Promise<Delivery[]> {
    const [first, last] = [endOf(from), endOf(to)];
    const found: Delivery[] = [];
    for (let start = first.entry; found.length < limit; ) {
      const count = Math.min(limit - found.length, RANGE_PAGE);
      const rows = await this.ask(this.commands.xrange(this.keys.stream(stream), start, last.entry, 'COUNT', count));
      found.push(...this.deliveries(stream, rows).filter((one) => isWithin(one, first, last)));
      if (rows.length < count) break;
      start = `(${rows.at(-1)?.[0]}`;
    }
    return found.slice(0, limit);
  }

  async newest(stream: StreamName, from: Position, to: Position, limit: number): Promise<Delivery[]> {
    const [first, last] = [endOf(from), endOf(to)];
    const found: Delivery[] = [];
    for (let end = last.entry; found.length < limit; ) {
      const count = Math.min(limit - found.length, RANGE_PAGE);
      const rows = await this.ask(this.commands.xrevrange(this.keys.stream(stream), end, first.entry, 'COUNT', count));
      const oldestFirst = this.deliveries(stream, [...rows].reverse());
      found.push(...oldestFirst.filter((one) => isWithin(one, first, last)).reverse());
      if (rows.length < count) break;
      end = `(${rows.at(-1)?.[0]}`;
    }
    return found.slice(0, limit);
  }

  private ask<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw asUnavailable(error);
    });
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
        const rows = await this.readAfter(blocking, stream, last).catch(() => undefined);
        if (rows === undefined) {
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
    const newest = await this.commands.xrevrange(this.keys.stream(stream), '+', '-', 'COUNT', 1);
    return newest[0]?.[0] ?? '0-0';
  }

  private async readAfter(redis: Redis, stream: StreamName, id: string): Promise<Rows> {
    const key = this.keys.stream(stream);
    const answer = await redis.call('XREAD', 'COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', key, id);
    return byStream(answer)[0]?.[1] ?? [];
  }

  private deliveries(stream: StreamName, rows: Rows): Delivery[] {
    return rows.flatMap(([id, fields]) => readEntry(stream.name, stream.partition, id, fields ?? [], 1).deliveries);
  }
}
