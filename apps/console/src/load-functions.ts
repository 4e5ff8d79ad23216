import { DEFINITIONS_FUNCTIONS } from '@millrace/definitions';
import { BaseConfig, ConfigError, loadConfig, redisTlsOf } from '@millrace/host';
import { OPERATIONS_FUNCTIONS } from '@millrace/operations';
import { SERIES_FUNCTIONS } from '@millrace/series';
import { RedisTransport } from '@millrace/streams/redis';

// Loads the Functions of this version into the Redis of REDIS_URL, and ends: once before the services of a version start, by
// the user who may, where services may not. What is loaded already stays.
const fail = (message: string, code: number): never => {
  process.stderr.write(`load-functions: ${message}\n`);
  process.exit(code);
};

const read = (): BaseConfig => {
  try {
    return loadConfig(BaseConfig);
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message, 78);
    throw error;
  }
};

const config = read();
const tls = redisTlsOf(config);
const transport = new RedisTransport({ url: config.REDIS_URL, ...(tls === undefined ? {} : { tls }) });
await transport.server
  .loadFunctions([DEFINITIONS_FUNCTIONS, OPERATIONS_FUNCTIONS, SERIES_FUNCTIONS])
  .catch((error: Error) => fail(error.message, 69));
await transport.close();
process.stdout.write('load-functions: the Functions of this version are loaded\n');
process.exit(0);
