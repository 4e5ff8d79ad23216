import { haveRealRedis } from './start-redis.js';

interface Block {
  (name: string, body: () => void): void;
  skip(name: string, body: () => void): void;
}
interface Case {
  (name: string, body: () => unknown, timeoutMs?: number): void;
  skip(name: string, body: () => unknown, timeoutMs?: number): void;
}

// Jest's globals: this package also runs outside of jest, where they are not there.
const globals = () => globalThis as unknown as { describe: Block; it: Case };

const NEEDED = 'needs redis-server';

/** `describe` where there is a real Redis; elsewhere the block is skipped under a name that says so. */
export const describeOnRealRedis = (name: string, body: () => void): void =>
  haveRealRedis() ? globals().describe(name, body) : globals().describe.skip(`${name} (${NEEDED})`, body);

/** `it` where there is a real Redis; elsewhere the test is skipped under a name that says so. */
export const itOnRealRedis = (name: string, body: () => unknown, timeoutMs?: number): void =>
  haveRealRedis() ? globals().it(name, body, timeoutMs) : globals().it.skip(`${name} (${NEEDED})`, body, timeoutMs);
