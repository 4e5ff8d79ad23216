import { cut, EventError } from '../event-error.js';

const ONCE = new Set(['content-type', 'idempotency-key']);

/**
 * Throws a 400 where a header of the event (`ce-*`, `Content-Type`, `Idempotency-Key`) is there more than once. Takes Node's
 * `rawHeaders`, names and values in turn: in `headers` it has joined or dropped the repeats already.
 */
export const refuseRepeatedHeaders = (rawHeaders: readonly string[]): void => {
  let seen: Set<string> | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (!name.startsWith('ce-') && !ONCE.has(name)) continue;
    seen ??= new Set();
    if (seen.has(name)) {
      throw new EventError('duplicate-header', 400, `Header ${cut(name)} is repeated; it may occur once`);
    }
    seen.add(name);
  }
};
