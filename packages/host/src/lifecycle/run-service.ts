import type { BaseConfig } from '../config/base-config.js';
import { ConfigError, loadConfig } from '../config/config.js';
import { addressOf } from '../http/address.js';
import { leftRunning } from './left-running.js';
import { Service, type ServiceOptions } from './service.js';

/** Exit codes as sysexits has them. */
const EX_CONFIG = 78;
const EX_UNAVAILABLE = 69;

const fail = (hop: string, error: Error): never => {
  process.stderr.write(`${hop}: ${error.message}\n`);
  process.exit(EX_CONFIG);
};

const configOf = <C extends BaseConfig>({ config: type, hop }: ServiceOptions<C>): C => {
  try {
    const config = loadConfig(type);
    addressOf(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) return fail(hop, error);
    throw error;
  }
};

/**
 * Runs a process: reads its configuration, builds the Nest application, looks at Redis, starts its consumers, listens,
 * and stops cleanly at SIGTERM or SIGINT with exit code 0. A bad variable, a taken port or a Redis that cannot keep the
 * promises is one line on standard error and an exit code other than 0.
 */
export const runService = async <C extends BaseConfig>(options: ServiceOptions<C>): Promise<void> => {
  const { hop } = options;
  let onSignal = (_signal: string): void => process.exit(0); // There is nothing in flight yet.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => onSignal(signal));
  const service = await Service.create(options, configOf(options)).catch((error: Error) => fail(hop, error));
  const stop = stopper(service);
  onSignal = (signal) => {
    service.log.info(`${signal}: stopping`);
    void stop(0);
  };
  const refuse = (error: Error): void => {
    service.log.fatal(error.message);
    void stop(EX_UNAVAILABLE);
  };
  await service.start(refuse).catch((error: Error) => {
    service.log.debug({ err: error }, 'cannot start');
    fail(hop, error);
  });
};

const stopper = <C extends BaseConfig>(service: Service<C>): ((code: number) => Promise<void>) => {
  const { log, config } = service;
  let stopping = false;
  return async (code) => {
    if (stopping) return;
    stopping = true;
    const overdue = setTimeout(() => {
      log.warn(`not stopped after ${config.SHUTDOWN_TIMEOUT} ms; releasing unacknowledged deliveries`);
      void service.abandon().finally(() => process.exit(code));
    }, config.SHUTDOWN_TIMEOUT);
    await service.close();
    clearTimeout(overdue);
    const left = await leftRunning();
    if (left.length > 0) log.warn({ left }, 'stopped, but resources are still open');
    log.info('stopped');
    log.flush();
    process.exit(code);
  };
};
