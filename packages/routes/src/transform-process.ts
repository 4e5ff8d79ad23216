/** Evaluates transforms, in a process of its own: see `ExpressionProcess`, which starts it. */

import { withMembers } from '@millrace/events';
import { answerJobs, compileExpression, type Expression } from '@millrace/expressions';
import { parseJson } from '@millrace/json';
import type { LimitedTransformJob } from './transform-job.js';

const MOST_COMPILED = 10_000;

const compiled = new Map<string, Expression>();

const compile = (text: string, timeoutMs: number): Expression => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear(); // Routes were changed thousands of times.
  const fresh = compileExpression(text, timeoutMs);
  compiled.set(text, fresh);
  return fresh;
};

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
};

const transform = async ({
  expression,
  json,
  timeoutMs,
  maxBytes,
}: LimitedTransformJob): Promise<{ type: string; json: string }> => {
  const event = parseJson(json) as { type: string };
  const value: unknown = await compile(expression, timeoutMs).evaluate(event);
  if (value === undefined) return { type: event.type, json };
  if (!isMembers(value)) throw new TypeError(`the result must be an object of members to set, got ${kindOf(value)}`);
  const changed = withMembers(json, value);
  const bytes = Buffer.byteLength(changed.json);
  if (bytes > maxBytes) throw new RangeError(`the event would have ${bytes} bytes; the limit is ${maxBytes}`);
  return changed;
};

answerJobs(transform, ({ json }) => json.length);
