import type { Pace } from '@millrace/host';
import { writeJson } from '@millrace/json';
import {
  findText,
  isLarge,
  matches,
  matchesInParts,
  PatternError,
  parsePattern,
  StepLimitError,
  Steps,
} from '@millrace/patterns';
import type { Delivery } from '@millrace/streams';
import type { Effort } from '../answers/effort.js';
import { refusal } from '../contract/problems.js';
import { parsed } from './stored-event.js';

/** Which events are meant; what is left out does not matter. */
export interface EventQuery {
  /** A type, or the beginning of types and `*`. */
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  /** What its JSON contains, whatever its case. */
  readonly text?: string | undefined;
  readonly pattern?: string | object | undefined;
}

/**
 * Whether an event is meant. What it costs is added to `effort`; a large event gives others their turn by `pace`. Rejects with
 * a `StepLimitError` where that cannot be told within the steps of the event.
 */
export type EventFilter = (delivery: Delivery, pace: Pace, effort?: Effort) => boolean | Promise<boolean>;

/** The filter of a query; undefined where every event is meant. Throws a 422 for what is no pattern. */
export const eventFilterOf = ({ type, id, text, pattern }: EventQuery): EventFilter | undefined => {
  const filters = [
    ...(type === undefined ? [] : [byType(type)]),
    ...(text === undefined ? [] : [byText(text)]),
    ...(id === undefined ? [] : [byId(id)]),
    ...(pattern === undefined ? [] : [byPattern(pattern)]),
  ];
  return filters.length === 0 ? undefined : allOf(filters);
};

/** What every filter means, asked one after the other. */
export const allOf =
  (filters: readonly EventFilter[]): EventFilter =>
  async (delivery, pace, effort) => {
    for (const filter of filters) if (!(await filter(delivery, pace, effort))) return false;
    return true;
  };

const byType = (type: string): EventFilter => {
  if (!type.endsWith('*')) return ({ event }) => event.type === type;
  const beginning = type.slice(0, -1);
  return ({ event }) => event.type.startsWith(beginning);
};

/** What has escapes may say the same in other words: `\\u00e9` is `é`. */
const isEscaped = (json: string): boolean => json.includes('\\');

const byText = (text: string): EventFilter => {
  const wanted = text.toLowerCase();
  const isIn = (json: string): boolean => findText(json.toLowerCase(), wanted) >= 0;
  return ({ event: { json } }, _pace, effort) => {
    effort?.add(json.length >> 5);
    return isIn(json) || (isEscaped(json) && isIn(writeJson(parsed(json))));
  };
};

const byId = (id: string): EventFilter => {
  const written = writeJson(id);
  // Most events do not contain it at all; those are not parsed.
  return ({ event: { json } }) =>
    (findText(json, written) >= 0 || isEscaped(json)) && (parsed(json) as { id?: unknown } | null)?.id === id;
};

const byPattern = (given: string | object): EventFilter => {
  const pattern = patternOf(given);
  return async ({ event: { json } }, pace, effort) => {
    const steps = Steps.for(json, pattern.size);
    try {
      return isLarge(json) ? await pace.through(matchesInParts(pattern, json, steps)) : matches(pattern, json, steps);
    } catch (error) {
      if (error instanceof StepLimitError) throw error;
      return false; // No event: it matches nothing.
    } finally {
      effort?.add(steps.taken);
    }
  };
};

const patternOf = (given: string | object): ReturnType<typeof parsePattern> => {
  try {
    return parsePattern(typeof given === 'string' ? given : writeJson(given));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    // In a query it is text, in a body an object.
    const pointer = typeof given === 'string' ? 'pattern' : '/pattern';
    throw refusal('bad-pattern', 422, `pattern: ${error.message}`, pointer);
  }
};
