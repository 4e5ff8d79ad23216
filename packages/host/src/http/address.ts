import { isIP } from 'node:net';
import { type BaseConfig, ServedConfig } from '../config/base-config.js';
import { ConfigError } from '../config/config.js';

const EVERYWHERE = '0.0.0.0';
const LOOPBACK = '127.0.0.1';

const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));

/** True where anybody who reaches the process may use it. */
export const isOpen = (config: BaseConfig): boolean => config instanceof ServedConfig && !config.asksForKeys;

/**
 * The address to listen on: `HOST`; without it every address, or loopback alone where the process is open. Throws a
 * `ConfigError` where an open process would be reached from elsewhere and `AUTH=off` does not say that this is meant.
 */
export const addressOf = (config: BaseConfig): string => {
  if (!isOpen(config) || (config as ServedConfig).AUTH === 'off') return config.HOST ?? EVERYWHERE;
  if (config.HOST !== undefined && !isLoopback(config.HOST)) {
    throw new ConfigError(
      `HOST must be a loopback address while API_KEYS is not set, got "${config.HOST}" (set API_KEYS, ` +
        'AUTH=stored for the keys in Redis, or AUTH=off)',
    );
  }
  return config.HOST ?? LOOPBACK;
};
