import { RedisTransport } from '@millrace/streams/redis';
import { Module } from '@nestjs/common';
import { GatewayConfig } from '../gateway-config.js';
import { IngestController } from './ingest.controller.js';
import { IngestMetrics } from './ingest-metrics.js';
import { IngestStream } from './ingest-stream.js';
import { IngestWorker } from './ingest-worker.js';

/** The tutorial's API. */
@Module({
  controllers: [IngestController],
  providers: [
    IngestMetrics,
    IngestWorker,
    {
      provide: IngestStream,
      inject: [RedisTransport, GatewayConfig],
      useFactory: (transport: RedisTransport, config: GatewayConfig) => new IngestStream(transport, config),
    },
  ],
})
export class IngestModule {}
