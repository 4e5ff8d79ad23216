import type { Delivery, Outcome, StreamedEvent } from './contract.js';
import type { Failure } from './settlement/dead-letter.js';
import {
  type Redriven,
  storedAttempts,
  storedFailures,
  storedPosition,
  storedRedriven,
  storedWhole,
} from './stored.js';

/** A delivery and what its entry remembers of earlier attempts. */
export interface EntryDelivery extends Delivery {
  readonly history: readonly Failure[];
  /** All fields of an entry that is not one of ours: it becomes a dead letter, whatever its outcome. */
  readonly foreign?: readonly string[];
  /** Present after a redrive: when that was, and how many attempts there had been. They count no more. */
  readonly redriven?: Redriven;
}

/** One entry in flight: what a transport read, claims, renews and settles as a whole. */
export interface Entry {
  /** The stream it was read from, which for a retry is `again:<group>`. */
  readonly source: string;
  readonly id: string;
  /** One, or several of a frame. */
  readonly deliveries: readonly EntryDelivery[];
}

/** What an entry is counted as beside its text. */
const ENTRY_BYTES = 200;

/** About how many bytes an entry in flight takes. */
export const bytesOf = ({ deliveries }: Entry): number => {
  let bytes = ENTRY_BYTES;
  for (const { event, foreign } of deliveries) {
    bytes += event.json.length;
    if (foreign !== undefined) for (const text of foreign) bytes += text.length;
  }
  return bytes;
};

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

/** More than any version of ours writes. */
const MOST_LINES = 100_000;

/** The events of a frame: one a line, and their types if it has them. Undefined where there are too many to be one of ours. */
const parseFrame = (ndjson: string, types: string | undefined): StreamedEvent[] | undefined => {
  const lines = ndjson.split('\n', MOST_LINES + 2);
  // Some end each line. Elsewhere an empty one is an event that cannot be read, and is reported.
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  if (lines.length > MOST_LINES) return undefined;
  const known = types?.split('\n', MOST_LINES + 2);
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
 * event (`type`, `event`) or a frame (`count`, `events` as NDJSON, and perhaps `types`, one a line); in an `again` stream it
 * also carries where it came from and what happened to it. Never throws: anybody may write to a stream. An entry without
 * an event, or with a value in a field of ours that we would not write, is one `foreign` delivery with an empty event, and
 * becomes a dead letter rather than a reason to stop. Further fields are nobody's business.
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
  const events = frame === undefined ? undefined : parseFrame(frame, fields.get('types'));
  if (events !== undefined) {
    const deliveries = events.map((event, index) => ({
      event,
      attempt: deliveryCount,
      position: `${id}.${index}`,
      stream: source,
      partition,
      history: NO_HISTORY,
    }));
    return { source, id, deliveries };
  }
  const json = fields.get('event');
  const remembered = frame !== undefined || json === undefined ? undefined : rememberedIn(fields);
  const here = { attempt: deliveryCount, position: id, stream: source, partition, history: NO_HISTORY };
  if (json === undefined || remembered === undefined) {
    return { source, id, deliveries: [{ ...here, event: NO_EVENT, foreign: [...fields].flat() }] };
  }
  const { attempts, ...rest } = remembered;
  const event = { type: fields.get('type') ?? '', json };
  return { source, id, deliveries: [{ ...here, ...rest, event, attempt: attempts + deliveryCount }] };
};

const NO_EVENT: StreamedEvent = { type: '', json: '' };
const LONGEST_NAME = 1000;

type Remembered = Partial<Pick<EntryDelivery, 'position' | 'stream' | 'firstFailedAt' | 'redriven'>> &
  Pick<EntryDelivery, 'history'> & { readonly attempts: number };

/** What an entry says of earlier attempts; undefined where one of its fields has a value that we would not write. */
const rememberedIn = (fields: ReadonlyMap<string, string>): Remembered | undefined => {
  const [position, stream, first, redriven] = ['position', 'stream', 'first', 'redriven'].map((name) =>
    fields.get(name),
  );
  const found = {
    attempts: storedAttempts(fields.get('attempt') ?? '0'),
    history: fields.has('history') ? storedFailures(fields.get('history') as string) : NO_HISTORY,
    ...(position === undefined ? {} : { position: storedPosition(position) }),
    ...(stream === undefined ? {} : { stream: stream === '' || stream.length > LONGEST_NAME ? undefined : stream }),
    ...(first === undefined ? {} : { firstFailedAt: storedWhole(first) }),
    ...(redriven === undefined ? {} : { redriven: storedRedriven(redriven) }),
  };
  if (Object.values(found).includes(undefined)) return undefined;
  const known = found as Remembered;
  return (known.redriven?.attempts ?? 0) > known.attempts ? undefined : known;
};

/** What an entry of an `again` stream holds that is only to be handed out once more, after so many attempts. */
export const againFields = ({ event, stream, position }: EntryDelivery, attempts: number): string[] => [
  ...['type', event.type, 'event', event.json],
  ...['stream', stream, 'position', position, 'attempt', String(attempts)],
];
