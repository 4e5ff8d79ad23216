import type { PatternTest, PatternVerdict } from '@millrace/admin-api';
import { Pace } from '@millrace/host';
import { writeJson } from '@millrace/json';
import { type Explanation, explainInParts, PatternError, parsePattern } from '@millrace/patterns';
import { refusal } from '../contract/problems.js';

/** Whether a pattern matches an event, and why; others have their turn meanwhile. Rejects with a 422 for what is no pattern, or no event. */
export const testPattern = async ({ pattern, event }: PatternTest): Promise<PatternVerdict> => {
  const why = await explained(textOf(pattern), event);
  return { result: why.matched, why };
};

const textOf = (given: string | object): string => (typeof given === 'string' ? given : writeJson(given));

const explained = async (pattern: string, event: string | object): Promise<Explanation> => {
  const parsed = patternOf(pattern);
  try {
    return await new Pace().through(explainInParts(parsed, textOf(event)));
  } catch (error) {
    throw refusal('bad-event', 422, `event: ${(error as Error).message}`, '/event');
  }
};

const patternOf = (text: string): ReturnType<typeof parsePattern> => {
  try {
    return parsePattern(text);
  } catch (error) {
    if (error instanceof PatternError) throw refusal('bad-pattern', 422, `pattern: ${error.message}`, '/pattern');
    throw error;
  }
};
