import { runSink } from '@millrace/sink';
import { SinkRedisPubsubModule } from './sink-redis-pubsub.module.js';

await runSink(SinkRedisPubsubModule);
