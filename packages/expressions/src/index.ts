/** JSONata over events, for transforms of routes and for columns of tables, and the process that it is evaluated in. */
export { compileExpression, type Expression, ExpressionError } from './expression.js';
export { answerJobs } from './process/answer-jobs.js';
export { ExpressionProcess, type ProcessOptions } from './process/expression-process.js';
export type { ChildLimits } from './process/job-child.js';
export type { JobFailure } from './process/messages.js';
export { Evaluator } from './values/evaluator.js';
export type { Values, ValuesJob } from './values/values-job.js';
