import type { Redis } from 'ioredis';
import type { DeadLetter, Failure } from '../dead-letter.js';
import { asUnavailable } from './connection.js';

/** A dead letter and where it stands in the stream of dead letters. */
export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}

const read = ([id, fields]: readonly [string, readonly string[]]): StoredDeadLetter => {
  const of = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) of.set(fields[i] as string, fields[i + 1] as string);
  return {
    id,
    type: of.get('type'),
    json: of.get('event'),
    hop: of.get('hop') ?? '',
    group: of.get('group') ?? '',
    consumer: of.get('consumer') ?? '',
    stream: of.get('stream') ?? '',
    position: of.get('position') ?? '',
    error: of.get('error') ?? '',
    message: of.get('message') ?? '',
    stack: of.get('stack'),
    trace: of.get('trace'),
    attempts: Number(of.get('attempts') ?? 0),
    firstFailedAt: Number(of.get('first') ?? 0),
    lastFailedAt: Number(of.get('last') ?? 0),
    history: JSON.parse(of.get('history') ?? '[]') as Failure[],
  };
};

/** Dead letters from the newest of `to` down to `from`, at most `limit`. Rejects with `Unavailable`. */
export const newestDeadLetters = async (
  redis: Redis,
  key: string,
  { from, to, limit }: { readonly from: string; readonly to: string; readonly limit: number },
): Promise<StoredDeadLetter[]> => {
  try {
    return (await redis.xrevrange(key, to, from, 'COUNT', limit)).map(read);
  } catch (error) {
    throw asUnavailable(error);
  }
};
