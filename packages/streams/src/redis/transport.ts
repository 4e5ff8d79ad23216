import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { withDefaults } from '../consumer-defaults.js';
import type { Consumer, ConsumerOptions, Producer, Reader, Transport, Trimmer } from '../contract.js';
import { pause, sharedAbort } from '../time/pause.js';
import { Appender, type DeduplicationWindow } from './append/appender.js';
import { Confirmation, type Durability } from './append/durability.js';
import { PartitionedProducer } from './append/partitioned-producer.js';
import type { RedisTls } from './connection/address.js';
import { type Connection, Connector } from './connection/connection.js';
import { Keys } from './connection/keys.js';
import { MemoryGauge } from './connection/memory.js';
import { Connections } from './connections.js';
import { RedisConsumer } from './consume/consumer.js';
import { Leases } from './consume/lease.js';
import type { ConsumerContext } from './consume/member.js';
import { ReadBudget } from './consume/read-budget.js';
import { Controls } from './control/controls.js';
import { Notes } from './control/notes.js';
import { Registry } from './control/registry.js';
import { Functions } from './functions/functions.js';
import { STREAMS_LIBRARY } from './functions/streams-library.js';
import { RedisReader } from './observe/reader.js';
import { Partitions } from './partitions/partitions.js';
import { RedisServer } from './server.js';
import { Recorder } from './settle/recorder.js';
import { TraceLog } from './settle/trace-log.js';
import { RedisTrimmer } from './settle/trimmer.js';
import { Streams } from './streams.js';

export interface RedisTransportOptions {
  /**
   * `redis://`, `redis+sentinel://` or `redis+cluster://`, and the same with `rediss`, with user, password and database
   * where needed.
   */
  readonly url: string;
  /** Certificates, where the URL is of `rediss`. */
  readonly tls?: RedisTls;
  /** Put before every key. Default `mr:`. */
  readonly keyPrefix?: string;
  readonly deduplication?: Partial<DeduplicationWindow>;
  /**
   * Most events that an entry may hold: from 2 on, appended events and routed copies are written as frames. Default 1.
   * Readers take both, whatever it says.
   */
  readonly frameMaxEvents?: number;
  /** How many partitions there are where Redis does not know yet. Default 1. */
  readonly partitions?: number;
  /** Whether it stores that number where there is none. Default true; a sink leaves it to the gateway and the router. */
  readonly storesPartitions?: boolean;
  /** Called with lost connections and errors that the transport survives. Default: nobody. */
  readonly onError?: (error: Error) => void;
  /** Told in a sentence what was lost and put right: a group, the Function library, a lease. Default: nobody. */
  readonly onNotice?: (notice: string) => void;
}

/** How long `close` waits for consumers to release what they hold. */
const CLOSE_GRACE_MS = 3000;
const DAY_MS = 86_400_000;
let consumersMade = 0;

/** What a consumer of a partition sends its commands with. */
interface ConsumerConnection {
  readonly commands: Redis;
  readonly functions: Functions;
  readonly gauge: MemoryGauge;
}

/** Streams in one Redis, or in a cluster. Connects at once, and again whenever the connection is lost. */
export class RedisTransport implements Transport {
  readonly features = { shared: true, applies: true };
  readonly producer: Producer;
  readonly reader: Reader;
  readonly registry: Registry;
  readonly notes: Notes;
  readonly trimmer: Trimmer;
  readonly controls: Controls;
  readonly partitions: Partitions;
  readonly traces: TraceLog;
  readonly server: RedisServer;
  readonly streams: Streams;
  readonly connections: Connections;
  readonly keys: Keys;
  private readonly closing = sharedAbort();
  private readonly connector: Connector;
  /** By partition, as each has its server; of a Redis that is no cluster, one for all. */
  private readonly consumerConnections = new Map<number, ConsumerConnection>();
  private readonly recorder: Recorder;
  private readonly leases = new Leases();
  private readonly budget = new ReadBudget();
  private readonly frameMaxEvents: number;
  private readonly running = new Set<Promise<void>>();
  private readonly onError: (error: Error) => void;
  private readonly onNotice: (notice: string) => void;

  /** Throws a TypeError of one sentence if the URL is of no known form. */
  constructor(options: RedisTransportOptions) {
    this.onError = options.onError ?? (() => undefined);
    this.onNotice = options.onNotice ?? (() => undefined);
    this.connector = new Connector(options.url, this.onError, options.tls);
    this.frameMaxEvents = options.frameMaxEvents ?? 1;
    this.keys = new Keys(options.keyPrefix ?? 'mr:');
    this.connections = new Connections(this.connector);
    const { requests } = this.connections;
    const functions = new Functions(requests, STREAMS_LIBRARY);
    this.producer = this.producerWith({ windowMs: DAY_MS, maxEntries: 1_000_000, ...options.deduplication });
    this.reader = new RedisReader(
      functions,
      this.keys,
      (partition) => this.openBlocking(partition),
      this.closing.signal,
    );
    this.notes = new Notes(functions);
    this.registry = new Registry(requests, this.notes, this.keys);
    this.trimmer = new RedisTrimmer(functions, this.keys);
    this.controls = new Controls(() => this.partitions.start());
    const { partitions = 1, storesPartitions = true } = options;
    this.partitions = new Partitions(
      requests,
      functions,
      this.keys,
      partitions,
      storesPartitions,
      this.onNotice,
      (fields) => this.controls.note(fields),
    );
    this.traces = new TraceLog(functions, this.keys);
    this.server = new RedisServer(this.connections, functions, this.keys, this.partitions);
    this.streams = new Streams(requests, functions, this.keys);
    this.recorder = new Recorder(this.traces, () => this.controls.sample);
  }

  consumer(options: ConsumerOptions): Consumer {
    const start = `${Date.now().toString(36)}${(consumersMade++).toString(36)}`;
    const name = `${options.name ?? hostname()}-${process.pid}-${start}`;
    const all = withDefaults(options, name);
    this.partitions.start();
    const context: ConsumerContext = {
      ...this.consumerConnection(all.partition),
      keys: this.keys,
      leases: this.leases,
      frameMaxEvents: this.frameMaxEvents,
      controls: this.controls,
      recorder: this.recorder,
      budget: this.budget,
      openBlocking: () => this.openBlocking(all.partition),
      onError: this.onError,
      onNotice: this.onNotice,
      closing: this.closing.signal,
      onRunning: (ended) => {
        this.running.add(ended);
        void ended.finally(() => this.running.delete(ended));
      },
    };
    return new RedisConsumer(name, all, context);
  }

  async close(): Promise<void> {
    this.closing.abort();
    const left = new AbortController();
    void Promise.allSettled(this.running).then(() => left.abort());
    await pause(CLOSE_GRACE_MS, left.signal);
    void this.partitions.stop();
    await this.traces.flush();
    this.connector.close();
  }

  /** A producer with a deduplication window of its own, on which all producers of a stream have to agree. */
  producerWith(window: DeduplicationWindow, durability?: Durability): Producer {
    if (durability === undefined || !Confirmation.isNeeded(durability))
      return this.appender(this.connections.requests, window);
    const waits = durability.timeoutMs + 5000;
    const confirmed = (partition: number): Producer => {
      const options = { commandTimeout: waits, ...(this.connector.hasFailover ? { socketTimeout: waits } : {}) };
      const redis = this.connector.connectTo(this.partitionKey(partition), 'impatient', 'appends', options);
      return this.appender(redis, window, new Confirmation(redis, durability));
    };
    return this.connector.isCluster ? new PartitionedProducer(confirmed) : confirmed(0);
  }

  private appender(redis: Connection, window: DeduplicationWindow, confirmation?: Confirmation): Producer {
    return new Appender(
      new Functions(redis, STREAMS_LIBRARY, this.onNotice),
      this.keys,
      window,
      confirmation,
      this.frameMaxEvents,
    );
  }

  private openBlocking(partition: number): Redis {
    // Not `blockingTimeout`: it drops an answer that is late, and with it entries that Redis counts as handed to us.
    return this.connector.connectTo(this.partitionKey(partition), 'patient', 'blocking');
  }

  private consumerConnection(partition: number): ConsumerConnection {
    const number = this.connector.isCluster ? partition : 0;
    const known = this.consumerConnections.get(number);
    if (known !== undefined) return known;
    const commands = this.connector.connectTo(this.partitionKey(number), 'patient', 'commands');
    const connection = {
      commands,
      functions: new Functions(commands, STREAMS_LIBRARY, this.onNotice),
      gauge: new MemoryGauge(commands),
    };
    this.consumerConnections.set(number, connection);
    return connection;
  }

  /** A key of the slot that the partition is in. */
  private partitionKey(partition: number): string {
    return this.keys.frames(partition);
  }
}
