import { setTimeout as pause } from 'node:timers/promises';
import { Random, waitFor } from '@millrace/testkit';
import { cpuMsOf, forgetPeak, memoryOf, peakOf } from './process-figures.js';
import type { Costly } from './requests.js';
import { type Sent, send } from './send.js';
import { type Stack, TARGETS, type Target } from './stack.js';

/** What one request cost one process. */
export interface Figure extends Sent {
  readonly name: string;
  readonly key: string;
  readonly process: Target;
  /** Bytes of its body. */
  readonly sent: number;
  readonly cpuMs: number;
  /** The longest that its event loop was busy. */
  readonly pausedMs: number;
  /** Above what it had before, at its peak. */
  readonly memory: number;
}

const ANSWER_WITHIN_MS = 120_000;
const QUIET_MS = 150;

/** Sends a request alone, made by a seed of its own, and tells what it cost each of the processes that had work of it. */
export const measure = async (stack: Stack, costly: Costly, seed: number): Promise<Figure[]> => {
  await quiet(stack);
  const before = TARGETS.map((target) => {
    const pid = stack.pidOf(target);
    forgetPeak(pid);
    return { target, pid, cpuMs: cpuMsOf(pid), memory: memoryOf(pid) };
  });
  const made = costly.make(1, new Random(seed));
  await pausesOf(stack);
  const answer = await send(stack, costly, made, ANSWER_WITHIN_MS);
  await quiet(stack);
  const paused = await pausesOf(stack);
  return before.flatMap(({ target, pid, cpuMs, memory }, n) => {
    if (!stack.isUp(target)) return [];
    const isAsked = target === costly.to;
    const isFed = target === 'router' && costly.key === 'publish';
    if (!isAsked && !isFed) return [];
    return {
      name: costly.name,
      key: costly.key ?? 'none',
      process: target,
      sent: Buffer.byteLength(made.body ?? ''),
      ...(isAsked ? answer : { status: 0, bytes: 0 }),
      cpuMs: cpuMsOf(pid) - cpuMs,
      pausedMs: paused[n] as number,
      memory: Math.max(0, peakOf(pid) - memory),
    };
  });
};

/** Resolves when no process has anything to do. */
const quiet = async (stack: Stack): Promise<void> => {
  const all = () => TARGETS.filter((target) => stack.isUp(target)).map((target) => cpuMsOf(stack.pidOf(target)));
  let last = all();
  await waitFor(
    async () => {
      await pause(QUIET_MS);
      const now = all();
      const isQuiet = now.every((cpuMs, n) => cpuMs - (last[n] ?? 0) <= QUIET_MS / 5);
      last = now;
      return isQuiet;
    },
    { what: 'the services to be done', timeoutMs: ANSWER_WITHIN_MS, everyMs: 1 },
  );
};

const pausesOf = (stack: Stack): Promise<number[]> =>
  Promise.all(TARGETS.map((target) => (stack.isUp(target) ? stack.longestPauseOf(target) : 0)));
