import type { Lab } from '@millrace/admin-api';
import { timeOrderedId } from '@millrace/events';
import { writeJson } from '@millrace/json';
import type { Operations } from '@millrace/operations';
import { type Delivery, inEveryPartition, type StreamedEvent, type StreamName } from '@millrace/streams';
import type { Connection, RedisTransport } from '@millrace/streams/redis';
import { conflict, missing } from '../contract/problems.js';
import { least } from '../observation/views.js';
import { partitionsOf } from '../topics/partitions.js';
import { LabConsumer } from './lab-consumer.js';

const MOST_CONSUMERS = 20;
const SHOWN_ENTRIES = 50;
const SHOWN_LINES = 50;
const CLAIM_PAGE = 100;

/** Of the topic's newest events so many are copied, in all partitions together, and no more than so many bytes of each. */
const COPIED_EVENTS = 200;
const COPIED_BYTES = 256 * 1024;
const COPY_PAGE = 20;
/** What a console that was killed leaves behind goes by itself. */
const KEPT_MS = 3_600_000;

/**
 * The lab of one topic: a scratch stream with copies of the topic's newest events, a consumer group on it, and consumers in
 * this process, to be added, removed and crashed. Nothing that is done here touches the topic or a group of the pipeline.
 */
export class TopicLab {
  readonly group: string;
  usedAt = performance.now();
  private readonly streams: readonly StreamName[];
  private readonly originals: readonly StreamName[];
  private readonly consumers = new Map<string, LabConsumer>();
  private readonly log: { at: number; text: string }[] = [];
  private made = 0;
  private isOpen = false;

  constructor(
    readonly topic: string,
    readonly partitions: number,
    private readonly transport: RedisTransport,
    private readonly operations: Operations,
    private readonly redis: Connection,
  ) {
    this.group = 'lab';
    this.originals = partitionsOf(topic, partitions);
    this.streams = inEveryPartition(`lab:${topic}`, partitions);
  }

  get isRunning(): boolean {
    return this.isOpen;
  }

  async view(): Promise<Lab> {
    this.usedAt = performance.now();
    const { observations } = this.operations;
    // Before Redis is asked: what crashed by then has its entry in flight.
    const told = [...this.consumers.values()].map(({ name, state, handled, crashAfter }) => ({
      name,
      state,
      handled,
      crashAfter,
    }));
    const [states, members, entries] = await Promise.all([
      observations.streams(this.streams),
      Promise.all(this.streams.map((stream) => observations.consumers(stream, this.group))),
      this.entries(),
    ]);
    const groups = states.flatMap((state) => state.groups.filter(({ name }) => name === this.group));
    const sum = (of: readonly { lag: number; pending: number }[], which: 'lag' | 'pending') =>
      of.reduce((total, one) => total + one[which], 0);
    return {
      topic: this.topic,
      group: this.group,
      length: states.reduce((total, { length }) => total + length, 0),
      lag: sum(groups, 'lag'),
      pending: sum(groups, 'pending'),
      running: this.isOpen,
      consumers: told.map((consumer): Lab['consumers'][number] => {
        const own = members.flat().filter(({ name }) => name === consumer.name);
        return {
          ...consumer,
          pending: own.reduce((total, { pending }) => total + pending, 0),
          idleMs: least(own.map(({ idleMs }) => idleMs)) ?? 0,
        };
      }),
      entries,
      log: this.log,
    };
  }

  /** Appends events to the scratch stream, spread over its partitions. */
  async produce(count: number): Promise<void> {
    await this.open();
    for (const [n, stream] of this.streams.entries()) {
      const numbers = Array.from({ length: count }, (_, i) => i + 1).filter((i) => i % this.streams.length === n);
      await this.append(stream, numbers.map(labEvent));
    }
    this.say(`${count} events produced`);
  }

  async add(count: number, perSecond: number): Promise<void> {
    if (this.consumers.size + count > MOST_CONSUMERS) throw conflict(`A lab has at most ${MOST_CONSUMERS} consumers`);
    await this.open();
    const place = { keys: this.keys, group: this.group };
    for (let n = 0; n < count; n += 1) {
      const name = `consumer-${++this.made}`;
      const consumer = new LabConsumer(name, this.redis, place, perSecond, (text) => this.say(text));
      for (const key of this.keys) await this.redis.xgroup('CREATECONSUMER', key, this.group, name);
      this.consumers.set(name, consumer);
      consumer.start();
      this.say(`${name} added`);
    }
  }

  /** Takes a consumer away; what it has in flight goes to another one first. */
  async remove(name: string): Promise<void> {
    const consumer = this.find(name);
    const heir = [...this.consumers.values()].find((one) => one !== consumer && one.state === 'running');
    if (heir === undefined && (await this.pendingOf(name)) > 0) {
      throw conflict(`${name} has pending entries and no other consumer runs: add one first`);
    }
    await consumer.stop();
    const moved = heir === undefined ? 0 : await this.move(name, heir.name, 0);
    for (const key of this.keys) await this.redis.xgroup('DELCONSUMER', key, this.group, name);
    this.consumers.delete(name);
    this.say(moved > 0 ? `${name} removed; ${moved} entries went to ${heir?.name}` : `${name} removed`);
  }

  crash(name: string, after: number): void {
    const consumer = this.find(name);
    if (consumer.state === 'crashed') throw conflict(`${name} has crashed already`);
    consumer.crash(after);
    this.say(after === 0 ? `${name} will crash at its next entry` : `${name} will crash after ${after} entries`);
  }

  /** What crashed consumers hold goes to a live one. */
  async claim(minIdleMs: number): Promise<void> {
    const heir = [...this.consumers.values()].find(({ state }) => state === 'running');
    if (heir === undefined) throw conflict('No consumer is running: add one first');
    const crashed = [...this.consumers.values()].filter(({ state }) => state === 'crashed');
    let moved = 0;
    for (const { name } of crashed) moved += await this.move(name, heir.name, minIdleMs);
    this.say(`${moved} entries of crashed consumers went to ${heir.name}`);
  }

  /** Shortens the scratch stream, but never past what its group has not settled. Gives how many events went. */
  async trim(maxLength: number): Promise<number> {
    if (!this.isOpen) throw conflict('No events yet: produce events or add a consumer first');
    const retention = { maxLength: Math.max(1, Math.floor(maxLength / this.streams.length)), maxAgeMs: 0 };
    const results = await this.transport.trimmer.trim(
      this.streams.map((stream) => ({ stream, retention, groups: [this.group] })),
    );
    const trimmed = results.reduce((total, one) => total + one.trimmed, 0);
    this.say(`${trimmed} events trimmed; unacknowledged ones are kept`);
    return trimmed;
  }

  /** Ends the consumers and deletes the scratch stream. */
  async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.stop()));
    this.consumers.clear();
    for (const key of this.isOpen ? this.keys : []) await this.redis.unlink(key);
    this.isOpen = false;
  }

  private get keys(): string[] {
    return this.streams.map((stream) => this.transport.keys.stream(stream));
  }

  /** The scratch stream begins with copies, and the group before them. */
  private async open(): Promise<void> {
    if (this.isOpen) return;
    let copied = 0;
    for (const [n, stream] of this.streams.entries()) {
      const key = this.transport.keys.stream(stream);
      await this.redis.unlink(key); // Left by a console that was killed.
      await this.redis.xgroup('CREATE', key, this.group, '0', 'MKSTREAM');
      const copies = await this.newestOf(this.originals[n] as StreamName);
      const events = copies.map(({ event }) => event);
      await this.append(stream, events);
      await this.redis.pexpire(key, KEPT_MS);
      copied += copies.length;
    }
    this.isOpen = true;
    this.say(`${copied} events copied from ${this.topic}`);
  }

  /** Each by itself: what groups do with entries is to be seen event by event, so there are no frames. */
  private async append(stream: StreamName, events: readonly StreamedEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.transport.producer.append(stream, [event])));
  }

  private async newestOf(original: StreamName): Promise<Delivery[]> {
    const found: Delivery[] = [];
    const most = Math.ceil(COPIED_EVENTS / this.streams.length);
    for (let [to, bytes] = ['+', 0]; found.length < most && bytes < COPIED_BYTES; ) {
      const page = await this.transport.reader.newest(original, '-', to, Math.min(COPY_PAGE, most - found.length));
      found.push(...page);
      bytes += page.reduce((sum, { event }) => sum + event.json.length, 0);
      if (page.length === 0) break;
      to = `(${page.at(-1)?.position}`;
    }
    return found.reverse();
  }

  private find(name: string): LabConsumer {
    const consumer = this.consumers.get(name);
    if (consumer !== undefined) return consumer;
    throw missing(`Consumer "${name.slice(0, 100)}" not found in this lab`);
  }

  private async pendingOf(name: string): Promise<number> {
    const { observations } = this.operations;
    const each = await Promise.all(
      this.streams.map((stream) => observations.pending(stream, this.group, 1, '-', '+', name)),
    );
    return each.flat().length;
  }

  private async move(from: string, to: string, minIdleMs: number): Promise<number> {
    let moved = 0;
    for (const stream of this.streams) {
      for (;;) {
        const held = await this.operations.observations.pending(stream, this.group, CLAIM_PAGE, '-', '+', from);
        const ids = held.filter(({ idleMs }) => idleMs >= minIdleMs).map(({ id }) => id);
        if (ids.length === 0) break;
        const key = this.transport.keys.stream(stream);
        const claimed = await this.redis.call('XCLAIM', key, this.group, to, minIdleMs, ...ids, 'JUSTID');
        moved += (claimed as string[]).length;
        if ((claimed as string[]).length === 0) break;
      }
    }
    return moved;
  }

  private async entries(): Promise<Lab['entries'][number][]> {
    const { observations } = this.operations;
    const each = await Promise.all(
      this.streams.map(async (stream) =>
        (await observations.pending(stream, this.group, SHOWN_ENTRIES)).map((entry) => ({
          ...entry,
          partition: stream.partition,
        })),
      ),
    );
    return each.flat().slice(0, SHOWN_ENTRIES);
  }

  private say(text: string): void {
    this.log.unshift({ at: Date.now(), text });
    this.log.length = Math.min(this.log.length, SHOWN_LINES);
  }
}

const labEvent = (number: number) => {
  const type = 'millrace.lab';
  const time = new Date().toISOString();
  const event = { specversion: '1.0', id: timeOrderedId(), source: '/millrace/lab', type, time, data: { number } };
  return { type, json: writeJson(event) };
};
