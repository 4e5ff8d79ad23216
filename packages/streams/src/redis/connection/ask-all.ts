import { Cluster } from 'ioredis';
import { Unavailable } from '../../errors.js';
import type { Connection } from './connection.js';

/** The answer to one of several commands: an error, or null and what came. */
export type Answer = readonly [Error | null, unknown];

/** A command that only reads, with its arguments. */
export type Query = readonly [command: string, ...args: (string | number)[]];

/**
 * Asks many things at once: in one round trip of one server; of a cluster in one of each, as every key has its own. Rejects
 * with `Unavailable` where nothing can be asked.
 */
export const askAll = async (redis: Connection, queries: readonly Query[]): Promise<readonly Answer[]> => {
  if (redis instanceof Cluster) return Promise.all(queries.map((query) => answerOf(redis.call(...query))));
  const pipeline = redis.pipeline();
  for (const query of queries) pipeline.call(...query);
  return (await pipeline.exec()) ?? [];
};

/** What came. Throws the error. */
export const answered = (answer: Answer | undefined): unknown => {
  if (answer?.[0]) throw answer[0];
  return answer?.[1];
};

/** What came, or `none` where Redis refused the question itself. Throws `Unavailable`: what cannot be asked now is not nothing. */
export const answeredOr = ([error, answer]: Answer, none: unknown): unknown => {
  if (error instanceof Unavailable) throw error;
  return error === null ? answer : none;
};

const answerOf = (asked: Promise<unknown>): Promise<Answer> =>
  asked.then(
    (answer): Answer => [null, answer],
    (error: Error): Answer => [error, undefined],
  );
