import type { StreamedEvent } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';

/** Puts events where the gateway and the router would, for what only looks at them. */
export class Pipeline {
  readonly transport: RedisTransport;

  constructor(redisUrl: string) {
    this.transport = new RedisTransport({ url: redisUrl });
  }

  /** Appends events of a type to a stream: `in`, or `topic:orders`. Gives where they stand. */
  async append(stream: string, ...events: readonly StreamedEvent[]): Promise<string[]> {
    const results = await this.transport.producer.append({ name: stream, partition: 0 }, events);
    return results.map(({ position }) => position);
  }

  /** Makes a topic known, as a route that names it does. */
  async registerTopics(...topics: readonly string[]): Promise<void> {
    await this.transport.registry.registerTopics(topics);
  }

  async registerGroup(group: string, ...streams: readonly string[]): Promise<void> {
    await this.transport.registry.registerGroup({ group, hop: group, streams });
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

/** A CloudEvent. */
export const eventOf = (id: string, more: Readonly<Record<string, unknown>> = {}): StreamedEvent => {
  const event = { specversion: '1.0', id, source: '/shop/1', type: 'order.paid', ...more };
  return { type: event.type, json: JSON.stringify(event) };
};
