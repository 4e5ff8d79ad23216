import { parseJson } from '@millrace/json';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../errors.js';
import { pointOf } from './times.js';

/** A whole number from 0 on. */
export const whole = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
};

/** A whole number from 1 on. */
export const positive = (text: string): number => {
  const number = whole(text);
  if (number === 0) throw new InvalidArgumentError('expected a whole number from 1');
  return number;
};

/** A length of time in milliseconds, as 90s or 2m. */
export const span = (text: string): number => {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('expected a duration such as 90s or 2m');
  return Number(count) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h'];
};

export const point = (text: string): string => {
  try {
    return pointOf(text);
  } catch (error) {
    if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
    throw error;
  }
};

/** An event pattern, as an object. */
export const pattern = (text: string): object => {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new InvalidArgumentError(`it is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('expected a JSON object such as {"type":["order.paid"]}');
  }
  return value;
};

/** `--limit`, of what can be listed. */
export const withLimit = (command: Command, fallback = 50): Command =>
  command.option('--limit <n>', 'maximum to show', positive, fallback);

export const withRange = (command: Command, what: string): Command =>
  command
    .option(
      '--from <time>',
      `from the oldest ${what}: a time, Unix milliseconds, a stream id, or an age such as 15m, 2h, 7d`,
      point,
    )
    .option('--to <time>', 'to the newest, in the same format', point);
