/** Evaluates expressions over events, in a process of its own: see `Evaluator`, which starts it. */

import { parseJson, writeJson } from '@millrace/json';
import { compileExpression, type Expression } from '../expression.js';
import { answerJobs } from '../process/answer-jobs.js';
import type { LimitedValuesJob, Values } from './values-job.js';

const MOST_COMPILED = 10_000;
const compiled = new Map<string, Expression>();

const compile = (text: string, timeoutMs: number): Expression => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const fresh = compileExpression(text, timeoutMs);
  compiled.set(text, fresh);
  return fresh;
};

const jsonOf = (value: unknown): string => {
  const json = writeJson(value ?? null);
  if (json === undefined) throw new TypeError('the result of an expression is not JSON');
  return json;
};

const evaluate = async ({ expressions, json, timeoutMs }: LimitedValuesJob): Promise<Values> => {
  const event = parseJson(json);
  const values: string[] = [];
  for (const text of expressions) values.push(jsonOf(await compile(text, timeoutMs).evaluate(event)));
  return { values };
};

answerJobs(evaluate, ({ values }) => values.reduce((sum, value) => sum + value.length, 0));
