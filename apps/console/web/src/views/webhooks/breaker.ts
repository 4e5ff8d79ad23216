import type { EndpointView } from '@millrace/admin-api';
import { duration } from '../../ui/format.js';
import type { Tone } from '../../ui/tone.js';

/** Whether an endpoint gets events now: in a word, and where that is not all, why. */
export interface Breaker {
  readonly word: string;
  readonly tone: Tone;
  readonly why?: string;
}

/** The worst first: who is disabled gets nothing, whatever else is so. */
export const breakerOf = ({ endpoint, state, warnings }: EndpointView, now: number): Breaker => {
  if (state.offAt !== undefined) return { word: 'disabled', tone: 'bad' };
  if (endpoint?.enabled === false) return { word: 'disabled in config', tone: 'plain' };
  if (state.openUntil !== undefined && state.openUntil > now) {
    return { word: `retrying in ${duration(state.openUntil - now)}`, tone: 'warn' };
  }
  if (state.failingSince !== undefined) return { word: 'failing', tone: 'warn' };
  if (warnings.length > 0) return { word: 'degraded', tone: 'bad', why: warnings.join('\n') };
  return { word: 'healthy', tone: 'good' };
};
