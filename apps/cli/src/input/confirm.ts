import type { Context } from '../context.js';
import { Failure, UsageError } from '../errors.js';

/** Asks whether to go on. Rejects with a `UsageError` where nobody can be asked, with a `Failure` after a no. */
export const confirm = async (context: Context, question: string): Promise<void> => {
  const { ask } = context.io;
  if (ask === undefined) throw new UsageError(`${question} Not a terminal; pass --yes`);
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('nothing changed');
};
