import type { Sink } from '@millrace/admin-api';
import type { Tone } from '../../ui/tone.js';

const NO_HEARTBEAT_AFTER_MS = 30_000;
const FORGET_AFTER_MS = 60_000;

/** The status of a group in a word. */
export const sinkWord = ({ paused, seenAt }: Sink, now: number): readonly [string, Tone] => {
  if (paused !== null) return ['paused', 'warn'];
  return now - seenAt > NO_HEARTBEAT_AFTER_MS ? ['no heartbeat', 'bad'] : ['running', 'good'];
};

/** Why a group cannot be forgotten now. */
export const forgetRefusal = ({ seenAt }: Sink, now: number): string | undefined =>
  now - seenAt < FORGET_AFTER_MS ? 'Its last heartbeat is less than a minute ago; stop it first.' : undefined;
