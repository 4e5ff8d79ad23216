import { randomFillSync } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (byte: number): string => HEX[byte & 0xff] as string;

// Random bytes are drawn many at a time: a call costs more than the bytes do.
const pool = new Uint8Array(4096);
let used = pool.length;

const random = (): number => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 1;
  return pool[used - 1] as number;
};

let lastMs = 0;
let counter = 0;

/** Steps the clock and the 12-bit counter beside it, so that ids of one process only ever go up. */
const tick = (): void => {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = ((random() << 8) | random()) & 0x7ff;
  } else if (counter === 0xfff) {
    lastMs += 1;
    counter = 0;
  } else {
    counter += 1;
  }
};

/** A UUIDv7 (RFC 9562): sorts by time, and within a process by the order of the calls. */
export const timeOrderedId = (): string => {
  tick();
  const high = Math.floor(lastMs / 0x10000);
  const time = `${hex(high >>> 24)}${hex(high >>> 16)}${hex(high >>> 8)}${hex(high)}-${hex(lastMs / 256)}${hex(lastMs)}`;
  const middle = `${hex(0x70 | (counter >>> 8))}${hex(counter)}-${hex(0x80 | (random() & 0x3f))}${hex(random())}`;
  const low = `${hex(random())}${hex(random())}${hex(random())}${hex(random())}${hex(random())}${hex(random())}`;
  return `${time}-${middle}-${low}`;
};
