import { globals } from '../processes/globals.js';
import { haveRealRedis } from '../redis/start-redis.js';
import { chromiumPath } from './chromium.js';

const needed = (): string | undefined =>
  chromiumPath() === undefined ? 'needs chromium' : haveRealRedis() ? undefined : 'needs redis-server';

/** `describe` where there is a Chromium and a real Redis; elsewhere the block is skipped under a name that says so. */
export const describeInBrowser = (name: string, body: () => void): void => {
  const need = needed();
  if (need === undefined) globals().describe(name, body);
  else globals().describe.skip(`${name} (${need})`, body);
};
