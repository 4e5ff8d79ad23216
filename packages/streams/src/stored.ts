/**
 * Readers of what stands in a store, where anybody may have written it. None throws: what has another form than ours gives
 * `undefined`, and the caller decides what that means.
 */
import type { Failure } from './settlement/dead-letter.js';

/** A second chance: attempts and age are counted from here. */
export interface Redriven {
  /** Unix milliseconds. */
  readonly at: number;
  readonly attempts: number;
}

const WHOLE = /^\d{1,15}$/;
const POSITION = /^\d{1,20}-\d{1,20}(\.\d{1,9})?$/;
/** More than ours ever has. */
const MOST_FAILURES = 100;
const MOST_ATTEMPTS = 1_000_000_000;

/** JSON text as a value. */
export const storedJson = (text: string | null | undefined): unknown => {
  if (text === undefined || text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** JSON text of an object, which is taken for a `T`: only that it is an object is looked at. */
export const storedObject = <T extends object>(text: string | null | undefined): T | undefined => {
  const value = storedJson(text);
  return isObject(value) ? (value as T) : undefined;
};

/** A whole number from 0 on, in digits. */
export const storedWhole = (text: string | null | undefined): number | undefined =>
  typeof text === 'string' && WHOLE.test(text) ? Number(text) : undefined;

/** How often something was tried. */
export const storedAttempts = (text: string): number | undefined => {
  const attempts = storedWhole(text);
  return attempts === undefined || attempts > MOST_ATTEMPTS ? undefined : attempts;
};

/** Where an event stands in a stream. */
export const storedPosition = (text: string): string | undefined => (POSITION.test(text) ? text : undefined);

/** JSON text of failed attempts. */
export const storedFailures = (text: string): Failure[] | undefined => {
  const value = storedJson(text);
  return Array.isArray(value) && value.length <= MOST_FAILURES && value.every(isFailure) ? value : undefined;
};

/** JSON text of a redrive. */
export const storedRedriven = (text: string): Redriven | undefined => {
  const value = storedJson(text);
  return isObject(value) && isCount(value.at) && isCount(value.attempts)
    ? { at: value.at, attempts: value.attempts }
    : undefined;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isFailure = (value: unknown): value is Failure =>
  isObject(value) && isCount(value.at) && isCount(value.attempt) && typeof value.error === 'string';
