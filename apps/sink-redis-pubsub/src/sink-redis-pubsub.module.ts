import { SinkModule } from '@millrace/sink';
import { RedisPubsubSink } from './redis-pubsub-sink.js';
import { SinkRedisPubsubConfig } from './sink-redis-pubsub-config.js';

/** Delivers topics to redis-pubsub. */
@SinkModule({
  hop: 'sink-redis-pubsub',
  config: SinkRedisPubsubConfig,
  sink: RedisPubsubSink,
})
export class SinkRedisPubsubModule {}
