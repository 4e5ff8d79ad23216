import { globals } from '../processes/globals.js';
import { haveRealRedis } from './start-redis.js';

const NEEDED = 'needs redis-server';

/** `describe` where there is a real Redis; elsewhere the block is skipped under a name that says so. */
export const describeOnRealRedis = (name: string, body: () => void): void =>
  haveRealRedis() ? globals().describe(name, body) : globals().describe.skip(`${name} (${NEEDED})`, body);

/** `it` where there is a real Redis; elsewhere the test is skipped under a name that says so. */
export const itOnRealRedis = (name: string, body: () => unknown, timeoutMs?: number): void =>
  haveRealRedis() ? globals().it(name, body, timeoutMs) : globals().it.skip(`${name} (${NEEDED})`, body, timeoutMs);
