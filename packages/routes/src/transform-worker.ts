/**
 * Evaluates transforms, in a thread of its own: an expression is a program, and some of what it can do, as matching a bad
 * regular expression, cannot be interrupted from inside. Whoever started the thread watches it and ends it.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { withMembers } from '@millrace/events';
import { compileExpression, type Expression, ExpressionError } from '@millrace/expressions';
import { parseJson } from '@millrace/json';
import {
  PROGRESS,
  type TransformJob,
  type TransformRequest,
  type TransformResult,
  type WorkerData,
} from './transform-job.js';

const { limits, progress } = workerData as WorkerData;
const state = new Int32Array(progress);
const { timeoutMs, maxBytes } = limits;
const MOST_COMPILED = 10_000;

const compiled = new Map<string, Expression>();

const compile = (text: string): Expression => {
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

const transform = async ({ expression, json }: TransformJob): Promise<TransformResult> => {
  const event = parseJson(json) as { type: string };
  const value: unknown = await compile(expression).evaluate(event);
  if (value === undefined) return { type: event.type, json };
  if (!isMembers(value)) return { error: `the result is ${kindOf(value)}; it takes an object of members to set` };
  const changed = withMembers(json, value);
  const bytes = Buffer.byteLength(changed.json);
  return bytes > maxBytes ? { error: `the event would have ${bytes} bytes, at most ${maxBytes} are taken` } : changed;
};

const failed = (error: unknown): TransformResult => {
  if (!(error instanceof ExpressionError)) return { error: (error as Error).message };
  const { message, position, isOverdue } = error;
  return { error: message, ...(position === undefined ? {} : { position }), ...(isOverdue ? { isOverdue } : {}) };
};

const answer = async ({ serial, jobs }: TransformRequest): Promise<void> => {
  const results: TransformResult[] = [];
  for (const [n, job] of jobs.entries()) {
    Atomics.store(state, PROGRESS.serial, serial);
    Atomics.store(state, PROGRESS.job, n + 1);
    Atomics.add(state, PROGRESS.count, 1);
    results.push(await transform(job).catch(failed));
  }
  Atomics.store(state, PROGRESS.job, 0);
  parentPort?.postMessage({ serial, results });
};

// One after the other, or the progress would be that of two.
let last = Promise.resolve();
parentPort?.on('message', (request: TransformRequest) => {
  last = last.then(() => answer(request));
});
