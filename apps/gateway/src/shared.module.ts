import { ApiKeys } from '@millrace/api-keys';
import { LOGGER, type Logger, Metrics } from '@millrace/host';
import { RedisTransport, TokenBuckets } from '@millrace/streams/redis';
import { Global, Module } from '@nestjs/common';
import { Backpressure } from './admission/backpressure.js';
import { GatewayConfig } from './gateway-config.js';
import { RateLimits } from './rate-limits/rate-limits.js';

/** What lets requests in, whatever they ask for. */
@Global()
@Module({
  providers: [
    {
      provide: ApiKeys,
      inject: [RedisTransport, LOGGER, GatewayConfig],
      useFactory: (transport: RedisTransport, log: Logger, { asksForKeys, API_KEYS = [] }: GatewayConfig) =>
        new ApiKeys(
          transport,
          log,
          asksForKeys,
          API_KEYS.map((key) => ({ key, scopes: ['publish'] })),
        ),
    },
    {
      provide: RateLimits,
      inject: [RedisTransport, GatewayConfig, Metrics],
      useFactory: (transport: RedisTransport, { RATE_LIMIT }: GatewayConfig, metrics: Metrics) =>
        new RateLimits(new TokenBuckets(transport), RATE_LIMIT, metrics),
    },
    {
      provide: Backpressure,
      inject: [RedisTransport, GatewayConfig],
      useFactory: (transport: RedisTransport, config: GatewayConfig) =>
        new Backpressure(transport, {
          group: config.ROUTER_GROUP,
          partitions: () => transport.partitions.count,
          maxLag: config.BACKPRESSURE_MAX_LAG,
          memoryReserve: config.MEMORY_RESERVE,
        }),
    },
  ],
  exports: [ApiKeys, Backpressure, RateLimits],
})
export class SharedModule {}
