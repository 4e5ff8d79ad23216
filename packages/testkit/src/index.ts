export { chromiumArgs, chromiumPath } from './browser/chromium.js';
export { describeInBrowser } from './browser/in-browser.js';
export { type Certificate, Certificates, describeWithOpenssl } from './certificates.js';
export { costlyMatch } from './costly-match.js';
export { DescribedAnswers } from './described-answers.js';
export { assertPortFree, freePort } from './free-port.js';
export { fuzzRuns } from './fuzz-runs.js';
export { disorderedKeys, type Numbered, numbered, seen } from './numbered-event.js';
export type { PostgresOptions, PostgresServer } from './postgres/server.js';
export { startPostgres } from './postgres/start-postgres.js';
export { programOnPath } from './processes/program-on-path.js';
export { type ServerCommand, ServerProcess } from './processes/server-process.js';
export { Random } from './random.js';
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './receivers/otlp-receiver.js';
export type { ReceivedWebhook } from './receivers/received.js';
export {
  type Receiver,
  type ReceiverAnswer,
  type ReceiverCounts,
  type ReceiverOptions,
  startReceiver,
} from './receivers/receiver.js';
export { type ClusterOptions, RedisCluster, startRedisCluster } from './redis/cluster.js';
export { redisProgram } from './redis/native.js';
export { describeOnRealRedis, itOnRealRedis } from './redis/on-real-redis.js';
export { describeOnTimeSeries } from './redis/on-time-series.js';
export { type SentinelRedis, type SentinelsOptions, startSentinels } from './redis/sentinels.js';
export type { RedisKind, RedisOptions, RedisServer } from './redis/server.js';
export { haveRealRedis, haveRedisModule, mayUseDocker, startRedis } from './redis/start-redis.js';
export { TcpProxy } from './tcp-proxy.js';
export { type WaitOptions, waitFor } from './wait-for.js';
