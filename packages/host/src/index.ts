export * from './batches/batch-handler.js';
export { type CountOptions, countDeliveries, labelOf } from './batches/count-deliveries.js';
export { logFailures } from './batches/log-failures.js';
export { type Report, reported } from './batches/reported.js';
export { traced } from './batches/traced.js';
export { BaseConfig, ConsumerConfig, ServedConfig, TopicsConfig } from './config/base-config.js';
export { ConfigError, describeConfig, loadConfig } from './config/config.js';
export { consumerOptions } from './config/consumer-options.js';
export { readVariable } from './config/environment.js';
export { contradictions, type TimeOut } from './config/time-outs.js';
export {
  ApiKeyList,
  Duration,
  Items,
  List,
  Name,
  OneOf,
  Parsed,
  Percent,
  parseDuration,
  RedisUrl,
  Seconds,
  Secret,
  Text,
  Url,
  type Variable,
  variablesOf,
  Whole,
} from './config/variables.js';
export { Health } from './health.js';
export { CONFIG, HostModule, LOGGER } from './host.module.js';
export { boundPipelines } from './http/bound-pipelines.js';
export { decideByHead, type RequestHead } from './http/decide-by-head.js';
export { useExactJson } from './http/exact-json.js';
export { type PageRules, refuseForeignPages } from './http/foreign-pages.js';
export { PROBLEM_JSON, problem, problemOf, RequestRefused } from './http/problem.js';
export { protectPages } from './http/protect-pages.js';
export { whenOver } from './http/when-over.js';
export { runService } from './lifecycle/run-service.js';
export { Service, type ServiceOptions } from './lifecycle/service.js';
export { type AboutDelivery, aboutDelivery, aboutError } from './logging/about-delivery.js';
export { followLogLevel, LOG_LEVELS } from './logging/log-level.js';
export { createLogger, type Logger } from './logging/logging.js';
export type { BatchHistogram } from './metrics/batch-histogram.js';
export { Metrics, type Sample } from './metrics/metrics.js';
export { Pace } from './pace.js';
export { redisTlsOf } from './tls/redis-tls.js';
export {
  type BatchSpans,
  type CallSpan,
  noTracing,
  type PublishSpans,
  type Reading,
  type RequestSpan,
  type SpanAttributes,
  TRACING,
  type Tracing,
} from './tracing/tracing.js';
export { WatchedFile } from './watched-file.js';
