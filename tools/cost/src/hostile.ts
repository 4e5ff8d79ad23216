import { Random } from '@millrace/testkit';
import { MISUSES } from './misuse.js';
import { COSTLY } from './requests.js';
import { send } from './send.js';
import type { Stack } from './stack.js';

/** What came of a hostile client. */
export interface HostileRun {
  readonly requests: number;
  /** Connections on which requests were pipelined, broken off, sent in pieces, or their answers not read. */
  readonly connections: number;
  /** Answers by status; 0 where there was none in time. */
  readonly answers: ReadonlyMap<number, number>;
  /** The longest answer, in bytes, and what was asked. */
  readonly longest: { readonly bytes: number; readonly name: string };
}

const AT_ONCE = 6;
const ANSWER_WITHIN_MS = 30_000;
/** The part of what a client does that is misuse of a connection. */
const MISUSE_SHARE = 0.3;

/**
 * Sends costly requests of random kinds and sizes, several at once, properly and otherwise, until the time is over or a service
 * has ended.
 */
export const attack = async (stack: Stack, seed: number, forMs: number): Promise<HostileRun> => {
  const end = performance.now() + forMs;
  const answers = new Map<number, number>();
  let [requests, connections] = [0, 0];
  let longest = { bytes: 0, name: '' };
  const client = async (n: number): Promise<void> => {
    const random = new Random(seed + n);
    while (performance.now() < end && stack.deaths.length === 0) {
      if (random.next() < MISUSE_SHARE) {
        await random.pick(MISUSES)(stack, random);
        connections += 1;
        continue;
      }
      const costly = random.pick(COSTLY);
      // Small ones too, which come in between.
      const made = costly.make(random.next() ** 2, random);
      const { status, bytes } = await send(stack, costly, made, ANSWER_WITHIN_MS);
      requests += 1;
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (bytes > longest.bytes) longest = { bytes, name: costly.name };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => client(n)));
  return { requests, connections, answers, longest };
};
