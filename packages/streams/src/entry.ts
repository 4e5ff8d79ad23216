import type { Delivery, Outcome, StreamedEvent } from './contract.js';
import type { Failure } from './dead-letter.js';

/** A delivery and what its entry remembers of earlier attempts. */
export interface EntryDelivery extends Delivery {
  readonly history: readonly Failure[];
  /** All fields of an entry that is not one of ours, which becomes a dead letter. */
  readonly foreign?: readonly string[];
  /** Present after a redrive: when that was, and how many attempts there had been. They count no more. */
  readonly redriven?: Redriven;
}

/** A second chance: attempts and age are counted from here. */
export interface Redriven {
  /** Unix milliseconds. */
  readonly at: number;
  readonly attempts: number;
}

/** One entry in hand: what a transport read, claims, renews and settles as a whole. */
export interface Entry {
  /** The stream it was read from, which for a retry is `again:<group>`. */
  readonly source: string;
  readonly id: string;
  /** One, or several of a frame. */
  readonly deliveries: readonly EntryDelivery[];
}

/** How many events entries hold. */
export const eventsIn = (entries: readonly Entry[]): number => {
  let events = 0;
  for (const { deliveries } of entries) events += deliveries.length;
  return events;
};

/** Entries in as few parts as there may be with at most `limit` events each; a frame that has more is a part of its own. */
export const divided = (entries: readonly Entry[], limit: number): Entry[][] => {
  const parts: Entry[][] = [];
  let part: Entry[] = [];
  let events = 0;
  for (const entry of entries) {
    events += entry.deliveries.length;
    if (parts.length === 0 || events > limit) {
      part = [];
      parts.push(part);
      events = entry.deliveries.length;
    }
    part.push(entry);
  }
  return parts;
};

/** An entry whose deliveries all have their outcome, in their order. */
export interface DecidedEntry {
  readonly entry: Entry;
  readonly outcomes: readonly Outcome[];
}

const NO_HISTORY: readonly Failure[] = [];

/** JSON that may be a line of a frame. Line breaks stand between tokens alone, where a space means the same. */
export const oneLine = (json: string): string => (json.includes('\n') ? json.replaceAll('\n', ' ') : json);

/** The events of a frame: one a line, and their types if it has them. */
const parseFrame = (ndjson: string, types: string | undefined): StreamedEvent[] => {
  const lines = ndjson.split('\n');
  // Some end each line. Elsewhere an empty one is an event that cannot be read, and is told of.
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  const known = types?.split('\n');
  if (known?.length !== lines.length) return lines.map((json) => ({ type: typeOf(json), json }));
  return lines.map((json, n) => ({ type: known[n] as string, json }));
};

const typeOf = (json: string): string => {
  try {
    const type: unknown = (JSON.parse(json) as { type?: unknown }).type;
    return typeof type === 'string' ? type : '';
  } catch {
    return ''; // Whoever decodes the event will say what is wrong with it; here it only needs a place.
  }
};

/**
 * The deliveries of a stored entry, from its fields as Redis returns them (name, value, name, value…). An entry is one
 * event (`type`, `event`) or a frame (`count`, `events` as NDJSON, and perhaps `types`, one a line); in an `again` stream it also carries where it came
 * from and what happened to it. Fields that are not ours make one delivery with an empty event, so that the consumer's
 * own decoding rejects it and it becomes a dead letter rather than a reason to stop.
 */
export const readEntry = (
  source: string,
  partition: number,
  id: string,
  fields: readonly string[],
  deliveryCount: number,
): Entry => {
  if (fields.length === 4 && fields[0] === 'type' && fields[2] === 'event') {
    const event = { type: fields[1] as string, json: fields[3] as string };
    return {
      source,
      id,
      deliveries: [{ event, attempt: deliveryCount, position: id, stream: source, partition, history: NO_HISTORY }],
    };
  }
  return readLongEntry(source, partition, id, new Map(pairs(fields)), deliveryCount);
};

function* pairs(fields: readonly string[]): Iterable<[string, string]> {
  for (let i = 0; i + 1 < fields.length; i += 2) yield [fields[i] as string, fields[i + 1] as string];
}

const readLongEntry = (
  source: string,
  partition: number,
  id: string,
  fields: Map<string, string>,
  deliveryCount: number,
): Entry => {
  const frame = fields.get('events');
  if (frame !== undefined) {
    const deliveries = parseFrame(frame, fields.get('types')).map((event, index) => ({
      event,
      attempt: deliveryCount,
      position: `${id}.${index}`,
      stream: source,
      partition,
      history: NO_HISTORY,
    }));
    if (deliveries.length > 0) return { source, id, deliveries };
  }
  const first = fields.get('first');
  const redriven = fields.get('redriven');
  return {
    source,
    id,
    deliveries: [
      {
        event: { type: fields.get('type') ?? '', json: fields.get('event') ?? '' },
        ...(fields.has('event') ? {} : { foreign: [...fields].flat() }),
        attempt: Number(fields.get('attempt') ?? 0) + deliveryCount,
        position: fields.get('position') ?? id,
        stream: fields.get('stream') ?? source,
        partition,
        history: JSON.parse(fields.get('history') ?? '[]') as Failure[],
        ...(first === undefined ? {} : { firstFailedAt: Number(first) }),
        ...(redriven === undefined ? {} : { redriven: JSON.parse(redriven) as Redriven }),
      },
    ],
  };
};

/** What an entry of an `again` stream holds that is only to be handed out once more, after so many attempts. */
export const againFields = ({ event, stream, position }: EntryDelivery, attempts: number): string[] => [
  ...['type', event.type, 'event', event.json],
  ...['stream', stream, 'position', position, 'attempt', String(attempts)],
];
