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
  const stop = new Stop(service);
  onSignal = (signal) => {
    service.log.info(`${signal}: stopping`);
    stop.begin(0);
  };
  const refuse = (error: Error): void => {
    service.log.fatal(error.message);
    stop.begin(EX_UNAVAILABLE);
  };
  await service.start(refuse).catch((error: Error) => {
    if (stop.hasBegun) return; // What it was to start with was closed meanwhile.
    service.log.debug({ err: error }, 'cannot start');
    fail(hop, error);
  });
};

/** The end of a process, at whatever moment of its life. */
class Stop<C extends BaseConfig> {
  hasBegun = false;

  constructor(private readonly service: Service<C>) {}

  /** Ends the process with this code; further calls do nothing. */
  begin(code: number): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    void this.stop(code);
  }

  private async stop(code: number): Promise<void> {
    const { log, config } = this.service;
    const overdue = setTimeout(() => {
      log.warn(`not stopped after ${config.SHUTDOWN_TIMEOUT} ms; releasing unacknowledged deliveries`);
      void this.service.abandon().finally(() => process.exit(code));
    }, config.SHUTDOWN_TIMEOUT);
    await this.service.close();
    clearTimeout(overdue);
    const left = await leftRunning();
    if (left.length > 0) log.warn({ left }, 'stopped, but resources are still open');
    log.info('stopped');
    log.flush();
    process.exit(code);
  }
}
