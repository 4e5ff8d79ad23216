export { BaseConfig, ConsumerConfig, TopicsConfig } from './base-config.js';
export { ConfigError, describeConfig, loadConfig } from './config.js';
export { Health } from './health.js';
export { CONFIG, HostModule, LOGGER } from './host.module.js';
export { createLogger, type Logger } from './logging.js';
export { Metrics } from './metrics.js';
export { runService, type ServiceOptions } from './run-service.js';
export { Duration, List, OneOf, Seconds, Secret, Text, Url, Whole } from './variables.js';
