import { Health, Metrics, redisTlsOf } from '@millrace/host';
import type { Sink, SinkEvent } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { type Connection, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SinkRedisPubsubConfig } from './sink-redis-pubsub-config.js';

/**
 * Publishes events to whoever listens at that moment: pages that are open right now. Nobody else gets them, ever, and what
 * was published before a crash may be published again.
 */
@Injectable()
export class RedisPubsubSink implements Sink, OnApplicationShutdown {
  private readonly own: RedisTransport | undefined;
  private readonly redis: Connection;
  private readonly receivers;

  constructor(
    @Inject(SinkRedisPubsubConfig) private readonly config: SinkRedisPubsubConfig,
    @Inject(RedisTransport) streams: RedisTransport,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Health) health: Health,
  ) {
    const { PUBSUB_URL: url } = config;
    const tls = url?.startsWith('rediss') ? redisTlsOf(config, url) : undefined;
    this.own = url === undefined ? undefined : new RedisTransport({ url, ...(tls === undefined ? {} : { tls }) });
    this.redis = (this.own ?? streams).connections.connect('pubsub');
    this.receivers = metrics.counter('millrace_pubsub_receivers_total', 'Deliveries to subscribers, in total');
    health.note('delivery', 'delivery is at most once: subscribers that are not connected miss events');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.own?.close();
  }

  async write(batch: readonly SinkEvent[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const { topic, event, delivery } of batch) {
      pipeline.publish(channelOf(this.config.CHANNEL, topic, event.type), delivery.event.json);
    }
    const answers = (await pipeline.exec().catch(away)) ?? [];
    let receivers = 0;
    for (const [error, count] of answers) {
      if (error !== null) away(error);
      receivers += Number(count);
    }
    this.receivers.inc(receivers);
  }
}

/** In one go, and by a function: a type may have `$&` or `{topic}` in it. */
export const channelOf = (template: string, topic: string, type: string): string =>
  template.replace(/\{(topic|type)\}/g, (_, word) => (word === 'topic' ? topic : type));

const away = (cause: Error): never => {
  throw new Unavailable(`the Redis to publish on: ${cause.message.replace(/^Redis: /, '')}`, { cause });
};
