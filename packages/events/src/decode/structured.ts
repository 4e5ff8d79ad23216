import { checkMembers, requirePresent } from '../event/attributes.js';
import { cut, EventError, show } from '../event-error.js';
import { type Extent, eachMember } from '../json/json-scan.js';
import { dropMembers, spliceMembers } from '../json/splice.js';
import { DEFAULT_MAX_EVENT_BYTES, MAX_DEPTH } from '../limits.js';
import type { Decoded, DecodeOptions, IncomingEvent } from './decode-options.js';

/** How a JSON event is read: as a CloudEvent that has all it needs, or plain, where what is missing is filled in. */
export type Form = 'cloudevent' | 'plain' | 'by-specversion';

/** An event's own part of a request: its raw text, the parsed value and what the scan saw. */
export interface RawEvent {
  readonly json: string;
  readonly value: unknown;
  readonly extent: Extent;
  /** No string in it can hold a character that has to be looked for. */
  readonly isPlain: boolean;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Decodes events that are JSON objects. One for each request, whose time it keeps. */
export class StructuredDecoder {
  private readonly maxBytes: number;
  private time: string | undefined;

  constructor(
    private readonly options: DecodeOptions,
    private readonly form: Form,
  ) {
    this.maxBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  }

  /** Why an event of so many bytes and levels is refused: it is not parsed then. */
  outOfBounds(bytes: number, depth: number): EventError | undefined {
    if (bytes > this.maxBytes) return tooLarge(this.maxBytes);
    return depth > MAX_DEPTH ? tooDeep(depth) : undefined;
  }

  /** Of an event that `outOfBounds` lets through. `index` is the event's place in an array or a stream, undefined for a request of one. */
  decode(raw: RawEvent, index: number | undefined): Decoded {
    try {
      return { ok: true, event: this.read(raw, index) };
    } catch (error) {
      if (error instanceof EventError) return rejected(error, raw.value);
      throw error;
    }
  }

  /** Asks the clock anew: a stream is longer than an instant. */
  forgetTime(): void {
    this.time = undefined;
  }

  private read({ json, value, extent, isPlain }: RawEvent, index: number | undefined): IncomingEvent {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new EventError('not-an-object', 422, `An event must be a JSON object, got ${show(value)}`);
    }
    const attributes = value as Attributes;
    if (Object.keys(attributes).length !== extent.members) throw duplicateKey(json);
    const line = onOneLine(json);
    if (this.isPlainForm(attributes)) {
      checkMembers(attributes, '; put it under data', isPlain);
      return this.fill(line, attributes, index);
    }
    checkMembers(attributes, '', isPlain);
    requirePresent('specversion', attributes['specversion']);
    return toIncoming(line, attributes, this.keyOf(index));
  }

  private isPlainForm(attributes: Attributes): boolean {
    if (this.form !== 'by-specversion') return this.form === 'plain';
    return attributes['specversion'] == null;
  }

  private fill(json: string, attributes: Attributes, index: number | undefined): IncomingEvent {
    const { specversion, id, source, time } = attributes;
    const filledId = id == null ? this.newId(index) : undefined;
    const filledSource = source == null ? this.options.defaultSource : undefined;
    let missing = specversion == null ? ',"specversion":"1.0"' : '';
    if (filledId !== undefined) missing += `,"id":${JSON.stringify(filledId)}`;
    if (filledSource !== undefined) missing += `,"source":${JSON.stringify(filledSource)}`;
    if (time == null) missing += `,"time":"${this.now()}"`;
    const rest = withoutNulls(json, attributes);
    const whole = missing === '' ? rest : spliceMembers(rest, missing.slice(1));
    return toIncoming(whole, attributes, this.keyOf(index), filledId, filledSource);
  }

  private newId(index: number | undefined): string {
    const { keyOwner } = this.options;
    const key = this.keyOf(index);
    if (key === undefined) return this.options.newId();
    return keyOwner === undefined ? key : `${key}.${keyOwner}`;
  }

  private keyOf(index: number | undefined): string | undefined {
    const { idempotencyKey } = this.options;
    return idempotencyKey === undefined || index === undefined ? idempotencyKey : `${idempotencyKey}/${index}`;
  }

  private now(): string {
    this.time ??= this.options.now().toISOString();
    return this.time;
  }
}

/** A rejection, with the event's id where it has one. */
export const rejected = (error: EventError, value?: unknown): Decoded => {
  const id =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'id') ? (value as Attributes)['id'] : '';
  return typeof id === 'string' && id !== '' ? { ok: false, id: cut(id), error } : { ok: false, error };
};

const toIncoming = (
  json: string,
  attributes: Attributes,
  idempotencyKey: string | undefined,
  filledId?: string,
  filledSource?: string,
): IncomingEvent => {
  const id = filledId ?? requirePresent('id', attributes['id']);
  const source = filledSource ?? requirePresent('source', attributes['source']);
  const type = requirePresent('type', attributes['type']);
  return { id, source, type, partitionKey: partitionKeyOf(attributes, idempotencyKey ?? `${source}\n${id}`), json };
};

/**
 * The key that chooses an event's partition. `otherwise` is the idempotency key, whose repeat may have another id and has to be
 * found in the same partition; else source and id.
 */
export const partitionKeyOf = (attributes: Attributes, otherwise: string): string => {
  const key = attributes['partitionkey'] ?? attributes['subject'];
  return typeof key === 'string' ? key : otherwise;
};

const FILLED = ['specversion', 'id', 'source', 'time'] as const;

/** The text without the nulls of attributes that are filled in, or they would be there twice. */
const withoutNulls = (json: string, attributes: Attributes): string => {
  const nulls = FILLED.filter((name) => attributes[name] === null);
  return nulls.length === 0 ? json : dropMembers(json, new Set(nulls));
};

/** JSON on one line. Inside strings there are no raw line ends, so all that are there are white space. */
export const onOneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;

/** Throws a 413 if text takes more bytes than `max`. */
export const checkSize = (text: string, max: number): void => {
  if (text.length * 3 <= max) return;
  const bytes = text.length > max ? text.length : Buffer.byteLength(text);
  if (bytes > max) throw tooLarge(max);
};

/** The 413 of an event over `max` bytes. */
export const tooLarge = (max: number): EventError =>
  new EventError('event-too-large', 413, `The event is larger than ${max} bytes, the limit`);

/** The 400 of JSON that is nested too deep. */
export const tooDeep = (depth: number): EventError =>
  new EventError('too-deep', 400, `The event's JSON is nested ${depth} levels deep; the limit is ${MAX_DEPTH}`);

const duplicateKey = (json: string): EventError => {
  const seen = new Set<string>();
  let twice = '';
  for (const { key } of eachMember(json)) {
    if (seen.has(key)) {
      twice = key;
      break;
    }
    seen.add(key);
  }
  return new EventError('duplicate-key', 422, `"${cut(twice)}" is repeated; a member may occur once`);
};
