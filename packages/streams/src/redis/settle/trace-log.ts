import { createHash } from 'node:crypto';
import type { StreamedEvent } from '../../contract.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';

/** What became of one delivery. */
export interface TraceRecord {
  /** Unix milliseconds at which it was settled. */
  readonly at: number;
  readonly hop: string;
  readonly group: string;
  /** Where the event first came from, and where it stands there. */
  readonly stream: string;
  readonly position: string;
  readonly attempt: number;
  /** `purged`: its dead letter was deleted. */
  readonly outcome: 'done' | 'parked' | 'dead' | 'purged';
  /** `Class: message` of what failed. */
  readonly error?: string;
  /** From when it was handed out. */
  readonly ms?: number;
  /** Streams that copies went to. */
  readonly to?: readonly string[];
  /** Name of the parked delivery, and Unix milliseconds at which it was due then. */
  readonly parkedAs?: string | undefined;
  readonly dueAt?: number;
  /** Unix milliseconds of the redrive that it came from. */
  readonly redrivenAt?: number;
}

/** Most events of each partition that have records; half of them are sure to be kept. */
const MOST_EVENTS = 20_000;
/** Most bytes that they take, of each partition. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_BYTES_OF_EVENT = 16_384;
const KEPT_MS = 7 * 86_400_000;
/** So long a record waits for others, to be written with them. */
const GATHER_MS = 100;
const MOST_WAITING = 20_000;
const CALL_RECORDS = 200;

interface Waiting {
  readonly partition: number;
  readonly event: StreamedEvent;
  readonly record: TraceRecord;
}

/**
 * The records of deliveries, by event: all that fail, and of the others a share. They are written a little later,
 * together, and not at all where Redis is away or full: what becomes of a delivery does not depend on them.
 */
export class TraceLog {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
  ) {}

  /** Notes what became of a delivery of an event. */
  add(partition: number, event: StreamedEvent, record: TraceRecord): void {
    if (this.waiting.length >= MOST_WAITING) return;
    this.waiting.push({ partition, event, record });
    this.timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Writes what is queued. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const waiting = this.waiting;
    this.waiting = [];
    for (const partition of new Set(waiting.map((one) => one.partition))) {
      const all = waiting.filter((one) => one.partition === partition);
      for (let from = 0; from < all.length; from += CALL_RECORDS) {
        await this.write(partition, all.slice(from, from + CALL_RECORDS)).catch(() => undefined);
      }
    }
  }

  private async write(partition: number, some: readonly Waiting[]): Promise<void> {
    const args = some.flatMap(({ event, record }) => {
      const name = nameOf(event);
      return name === undefined ? [] : [traceDigest(...name), JSON.stringify(record)];
    });
    if (args.length === 0) return;
    const limits = [MOST_EVENTS / 2, MOST_BYTES / 2, MOST_BYTES_OF_EVENT, KEPT_MS];
    await this.functions.call('record', traceKeys(this.keys, partition), [...limits, ...args]);
  }
}

/** Of a partition: the state of its records, and the two hashes that hold them by the event's digest. */
export const traceKeys = (keys: Keys, partition: number): string[] =>
  ['state', '0', '1'].map((part) => keys.stream({ name: `trace:${part}`, partition }));

/** By which records of an event are kept. */
export const traceDigest = (source: string, id: string): string =>
  createHash('md5').update(`${source}\n${id}`).digest('base64url');

/** Source and id of an event; undefined for what has none. */
const nameOf = ({ json }: StreamedEvent): [string, string] | undefined => {
  try {
    const { source, id } = JSON.parse(json) as { source?: unknown; id?: unknown };
    return typeof source === 'string' && typeof id === 'string' ? [source, id] : undefined;
  } catch {
    return undefined; // Nobody can ask for it by its name.
  }
};

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const LOOKED_AT = 48;

/**
 * Whether an event is of the share that is recorded: by what stands behind its first `"id"`, so that every hop chooses the
 * same events without parsing them.
 */
export const isSampled = ({ json }: StreamedEvent, share: number): boolean => {
  if (share <= 0) return false;
  if (share >= 1) return true;
  const from = Math.max(0, json.indexOf('"id"'));
  const to = Math.min(json.length, from + LOOKED_AT);
  let hash = FNV_OFFSET;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ json.charCodeAt(i), FNV_PRIME);
  // The low bits alone would follow the last letters.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x1_0000_0000 < share;
};
