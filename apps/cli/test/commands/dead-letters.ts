import { Operations } from '@millrace/operations';
import type { Delivery, Outcome } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';

const GROUP = 'sink-a';

/** Dead letters of a group as a sink leaves them. */
export class Undertaker {
  private readonly transport: RedisTransport;

  constructor(redisUrl: string) {
    this.transport = new RedisTransport({ url: redisUrl });
  }

  async register(): Promise<void> {
    await this.transport.registry.registerGroup({ group: GROUP, hop: GROUP, streams: ['topic:orders'] });
  }

  /** Appends so many events, which die. */
  async deadLetter(count: number, more: object = {}): Promise<void> {
    const events = Array.from({ length: count }, (_, n) => ({
      type: 'order',
      json: JSON.stringify({ specversion: '1.0', id: `e${n}`, source: '/s', type: 'order', data: { n }, ...more }),
    }));
    await this.transport.producer.append({ name: 'topic:orders', partition: 0 }, events);
    await this.deliver(count, () => ({ kind: 'reject', cause: new RangeError('too large') }));
  }

  /** Takes what the sink is given until `enough` came. */
  async deliver(enough: number, outcomeOf: () => Outcome = () => ({ kind: 'ack' })): Promise<Delivery[]> {
    const consumer = this.transport.consumer({ group: GROUP, streams: () => ['topic:orders'], partition: 0 });
    const seen: Delivery[] = [];
    for await (const batch of consumer.batches(AbortSignal.timeout(10_000))) {
      await batch.settle(outcomeOf);
      seen.push(...batch.deliveries);
      if (seen.length >= enough) break;
    }
    return seen;
  }

  /** As many more of the newest as are asked for. */
  async copies(count: number): Promise<void> {
    const redis = this.transport.connections.connect('test');
    const key = this.transport.keys.stream({ name: `dead:${GROUP}`, partition: 0 });
    const [[, fields] = ['', []]] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
    const adding = redis.pipeline();
    for (let n = 0; n < count; n += 1) adding.xadd(key, '*', ...fields);
    await adding.exec();
  }

  /** So many dead letters as there are. */
  async count(): Promise<number> {
    return (
      await new Operations(this.transport).deadLetters.newest(
        { group: GROUP, partition: 0, from: '-', to: '+' },
        10_000,
      )
    ).length;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }
}
