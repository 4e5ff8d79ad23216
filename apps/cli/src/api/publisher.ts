import { randomUUID } from 'node:crypto';
import type { EventResult, Problem, PublishAnswer, PublishProblem } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import type { NumberedLine } from '../input/event-source.js';
import { type Api, ApiError, type RawAnswer, reasonOf } from './api.js';
import { passed } from './follow.js';

/** What was answered: either of the two, or neither where something else than a gateway answers. */
type Told = Partial<PublishAnswer & PublishProblem>;
type Reason = Pick<Problem, 'detail' | 'retryable'>;

/** An event that was not taken. */
export interface Rejected {
  /** Its line, or its place in the document, from 1 on. */
  readonly at: number;
  readonly id?: string;
  readonly why: string;
}

export interface Published {
  accepted: number;
  duplicates: number;
  readonly rejected: Rejected[];
}

const MOST_LINES = 1000;
const MOST_CHARACTERS = 512 * 1024;
const FIRST_WAIT_MS = 1000;
const NDJSON = { 'content-type': 'application/x-ndjson' } as const;

/** Lines together in what one request may hold. */
export const chunksOf = async function* (lines: AsyncIterable<NumberedLine>): AsyncIterable<NumberedLine[]> {
  let chunk: NumberedLine[] = [];
  let characters = 0;
  for await (const one of lines) {
    if (chunk.length > 0 && (chunk.length >= MOST_LINES || characters + one.text.length > MOST_CHARACTERS)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(one);
    characters += one.text.length;
  }
  if (chunk.length > 0) yield chunk;
};

/**
 * The line with an id where its event has none, and not a character else changed: what is sent again after an answer that
 * did not arrive is a duplicate then, and no second event.
 */
export const withId = (text: string): string => {
  try {
    const value: unknown = parseJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, 'id')) return text;
    const rest = text.trimStart().slice(1).trimStart();
    return `{"id":"${randomUUID()}"${rest.startsWith('}') ? '' : ','}${rest}`;
  } catch {
    return text; // The gateway says what is wrong with it.
  }
};

/** Publishes events over the admin API, and comes again where the pipeline is full or away. */
export class Publisher {
  readonly published: Published = { accepted: 0, duplicates: 0, rejected: [] };

  constructor(
    private readonly api: Api,
    private readonly options: {
      readonly patienceMs: number;
      readonly signal: AbortSignal;
      /** Told why it waits. */
      readonly onWait: (why: string) => void;
    },
  ) {}

  get total(): number {
    const { accepted, duplicates, rejected } = this.published;
    return accepted + duplicates + rejected.length;
  }

  /** Rejects with an `ApiError` where nothing could be sent. */
  async lines(chunk: readonly NumberedLine[]): Promise<void> {
    let left = chunk.map(({ number, text }) => ({ number, text: withId(text) }));
    const until = performance.now() + this.options.patienceMs;
    for (let waitMs = FIRST_WAIT_MS; left.length > 0; waitMs *= 2) {
      const body = left.map(({ text }) => text).join('\n');
      const mayWait = performance.now() + waitMs <= until && !this.options.signal.aborted;
      const { again, afterMs } = await this.send(body, NDJSON, (i) => left[i]?.number ?? i + 1, mayWait);
      left = again === 'all' ? left : left.filter((_, i) => again.has(i));
      if (left.length > 0) await passed(Math.max(waitMs, afterMs), this.options.signal);
    }
  }

  /**
   * An event, or a list of them, as it is; under one key, so that what is sent again is a duplicate even where it has no
   * id. Rejects with an `ApiError` where nothing could be sent.
   */
  async document(text: string): Promise<void> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const until = performance.now() + this.options.patienceMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      const mayWait = performance.now() + waitMs <= until && !this.options.signal.aborted;
      const { again, afterMs } = await this.send(text, headers, (i) => i + 1, mayWait, true);
      if (again !== 'all') return;
      await passed(Math.max(waitMs, afterMs), this.options.signal);
    }
  }

  /** Sends a body and counts what became of it; gives what is to come again, which is counted then. */
  private async send(
    body: string,
    headers: Readonly<Record<string, string>>,
    placeOf: (index: number) => number,
    mayWait: boolean,
    isWhole = false,
  ): Promise<{ again: Set<number> | 'all'; afterMs: number }> {
    const answer = await this.api.postText('events', body, headers);
    const afterMs = (answer.retryAfter ?? 0) * 1000;
    const told = read(answer);
    const { results, retryable } = told;
    if (results === undefined) {
      const isPassing = answer.status === 429 || (answer.status === 503 && (retryable === true || afterMs > 0));
      if (isPassing && mayWait) {
        this.options.onWait(reasonOf(answer.text, answer.status));
        return { again: 'all', afterMs };
      }
      throw new ApiError(reasonOf(answer.text, answer.status), answer.status);
    }
    const again = new Set<number>();
    const reject = (index: number, { detail, retryable }: Reason, id?: string): void => {
      if (retryable === true && mayWait && !isWhole) again.add(index);
      else this.published.rejected.push({ at: placeOf(index), ...(id === undefined ? {} : { id }), why: detail });
    };
    for (const result of results) {
      if (result.status === 'rejected') reject(result.index, result.error, result.id);
      else this.published[result.status === 'accepted' ? 'accepted' : 'duplicates'] += 1;
    }
    for (const [index, reason] of unlistedOf(told, results)) reject(index, reason);
    if (again.size > 0) this.options.onWait(`${again.size} events are to be retried`);
    return { again, afterMs };
  }
}

/**
 * What the answer only counts, as if it were listed: the rest of what was not read, and events without a reason. Of so many events
 * that not even those that were accepted are listed nobody knows which they are.
 */
const unlistedOf = (told: Told, results: readonly EventResult[]): [index: number, Reason][] => {
  const { unlisted = 0, refused } = told;
  const total = results.length + unlisted;
  const { accepted = 0, duplicates = 0, rejected = total } = told;
  if (unlisted === 0 || accepted + duplicates + rejected !== total) return [];
  const listed = new Set(results.map(({ index }) => index));
  const rest = Array.from({ length: total }, (_, index) => index).filter((index) => !listed.has(index));
  return rest.map((index) => [index, refused !== undefined && index >= refused.from ? refused.error : UNLISTED]);
};

const UNLISTED: Reason = { detail: 'rejected; the gateway lists reasons for the first ones only' };

const read = ({ text, status }: RawAnswer): Told => {
  try {
    const answer = parseJson(text) as Told;
    return Array.isArray(answer.results) || status > 299 ? answer : {};
  } catch {
    return {};
  }
};
