import { globals } from '../processes/globals.js';
import { haveRedisModule, startRedis } from './start-redis.js';

/** A Redis with the TimeSeries module. */
export interface TimeSeriesRedis {
  readonly url: string;
  /** Stops it where it was started for the tests. */
  stop(): Promise<void>;
}

/** One that runs already, else one with the module of `MILLRACE_TEST_REDIS_MODULE`. */
const starter = (): (() => Promise<TimeSeriesRedis>) | undefined => {
  const url = process.env.MILLRACE_TEST_TIMESERIES_URL;
  if (url) return async () => ({ url, stop: async () => undefined });
  if (haveRedisModule()) return () => startRedis({ flavour: 'native' });
  return undefined;
};

/**
 * `describe` where there is a Redis with the TimeSeries module, which the body is given the URL of, once tests run;
 * elsewhere the block is skipped under a name that says so.
 */
export const describeOnTimeSeries = (name: string, body: (urlOf: () => string) => void): void => {
  const { describe, beforeAll, afterAll } = globals();
  const start = starter();
  let redis: TimeSeriesRedis | undefined;
  const urlOf = (): string => (redis as TimeSeriesRedis).url;
  if (start === undefined) {
    describe.skip(`${name} (needs the TimeSeries module)`, () => body(urlOf));
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      redis = await start();
    });
    body(urlOf);
    afterAll(() => redis?.stop()); // Declared last: after those of the body.
  });
};
