import { waitFor } from '@millrace/testkit';
import type { Answer, RunningConsole } from '../running-console.js';
import { order, StandInSink } from '../stand-in-sink.js';

const ORDERS = { name: 'topic:orders', partition: 0 };
const PATTERN = { type: ['order'] };

/** A route that is written. */
export const route = (topic = 'orders'): object => ({ pattern: PATTERN, topics: [topic] });

/** What actions act on, each made by what has to be there, and beside it always another one that nobody names. */
export class Stage {
  constructor(readonly running: RunningConsole) {}

  /** Asks what has to succeed. Gives the body. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.running.ask(method, `/api/${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A topic with events, and groups that read it, which nobody runs. */
  async topic(): Promise<void> {
    const { registry, producer } = this.running.transport;
    await registry.registerTopics(['orders', 'others']);
    for (const group of ['sink-a', 'sink-b']) {
      await registry.registerGroup({ group, hop: group, streams: ['topic:orders'] });
    }
    await producer.append(
      ORDERS,
      Array.from({ length: 5 }, (_, n) => order(`e${n}`)),
    );
  }

  /** Five dead letters of each of two groups. */
  async deadLetters(): Promise<void> {
    await this.topic();
    for (const group of ['sink-a', 'sink-b']) {
      const sink = new StandInSink(this.running.transport, group);
      sink.outcomeOf = () => ({ kind: 'reject', cause: new RangeError('no') });
      await sink.start();
      await waitFor(() => sink.seen.length === 5, { what: 'five dead letters' });
      await sink.stop();
    }
  }

  /** Where the newest dead letter of `sink-a` stands. */
  async letter(): Promise<Record<string, string>> {
    await this.deadLetters();
    const { deadLetters } = await this.ask('GET', 'dead-letters?group=sink-a');
    return { group: 'sink-a', partition: '0', id: deadLetters[0].id };
  }

  /** A redrive that takes a while. */
  async redrive(): Promise<string> {
    await this.deadLetters();
    return (await this.ask('POST', 'dead-letters/redrive', { filter: { group: 'sink-a' }, perSecond: 1 })).id;
  }

  /** A replay that takes a while. */
  async replay(): Promise<string> {
    await this.topic();
    return (await this.ask('POST', 'replays', { topic: 'orders', sink: 'sink-a', perSecond: 1 })).id;
  }

  /** No redrive and no replay runs. */
  idle(): Promise<unknown> {
    const isRunning = ({ state }: { state: string }) => state === 'running';
    return waitFor(
      async () => {
        const { redrives } = await this.ask('GET', 'dead-letters/redrives');
        const { replays } = await this.ask('GET', 'replays');
        return ![...redrives, ...replays].some(isRunning);
      },
      { what: 'the end of what runs' },
    );
  }

  /** Two endpoints, a sink that serves them, and an event in the inbox; gives its position. */
  async endpoints(): Promise<string> {
    const { registry, producer } = this.running.transport;
    await registry.registerGroup({ group: 'sink-webhook', hop: 'sink-webhook', streams: ['topic:*'] });
    for (const name of ['a', 'b']) await this.ask('PUT', `webhooks/${name}`, { url: 'http://h/', topics: ['orders'] });
    const [stored] = await producer.append(ORDERS, [order('1')]);
    return stored?.position as string;
  }

  async routes(): Promise<void> {
    for (const name of ['r1', 'r2']) await this.ask('PUT', `routes/${name}`, route());
  }

  async drafts(): Promise<void> {
    for (const name of ['r1', 'r2']) await this.ask('PUT', `routes/${name}/draft`, route());
  }

  async schemas(): Promise<void> {
    for (const type of ['order', 'refund']) {
      await this.ask('PUT', `schemas/${type}/versions/v1`, { type: 'object' });
    }
  }

  async keys(): Promise<void> {
    for (const name of ['a', 'b']) await this.ask('POST', 'keys', { name, scopes: ['publish'] });
  }

  /** A lab with two consumers, of which the first has crashed. */
  async lab(): Promise<void> {
    await this.topic();
    await this.ask('POST', 'lab/orders/produce', { count: 5 });
    await this.ask('POST', 'lab/orders/consumers', { count: 2, perSecond: 100 });
    await this.ask('POST', 'lab/orders/consumers/consumer-1/crash');
    await waitFor(
      async () => {
        await this.ask('POST', 'lab/orders/produce', { count: 5 });
        return (await this.ask('GET', 'lab/orders')).consumers[0].state === 'crashed';
      },
      { what: 'the crash' },
    );
  }

  /** A group that has been gone for long. */
  async goneSink(): Promise<void> {
    await this.topic();
    const { transport } = this.running;
    const key = transport.keys.control('sinks');
    const redis = transport.connections.connect('test');
    const stored = JSON.parse((await redis.hget(key, 'sink-a')) as string);
    await redis.hset(key, 'sink-a', JSON.stringify({ ...stored, seenAt: 1 }));
  }
}
