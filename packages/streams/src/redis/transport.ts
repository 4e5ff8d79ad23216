import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { withDefaults } from '../consumer-defaults.js';
import type { Consumer, ConsumerOptions, Producer, Reader, StreamName, Transport, Trimmer } from '../contract.js';
import { againStream, inEveryPartition, topicStream, UNROUTED } from '../names.js';
import { pause, sharedAbort } from '../pause.js';
import { AbsentGroups } from './absent-groups.js';
import type { RedisTls } from './address.js';
import { Appender, type DeduplicationWindow } from './appender.js';
import { Audit } from './audit.js';
import { backlogOf } from './backlog.js';
import { asUnavailable, type Connection, Connector } from './connection.js';
import { RedisConsumer } from './consumer.js';
import type { ConsumerContext } from './consumer-context.js';
import { Controls } from './controls.js';
import { DeadLetters } from './dead-letters.js';
import { examine, type Finding } from './doctor.js';
import { Confirmation, type Durability, examineDurability } from './durability.js';
import { Functions } from './functions.js';
import { GroupDoctor } from './group-doctor.js';
import type { StreamState } from './inspect.js';
import { Jobs } from './jobs.js';
import { Keys } from './keys.js';
import { Leases } from './lease.js';
import { Leftovers } from './leftovers.js';
import { type Memory, MemoryGauge, memoryOf } from './memory.js';
import { Notes } from './notes.js';
import { Observations } from './observations.js';
import { OrderedConsumer } from './ordered-consumer.js';
import { PartitionedProducer } from './partitioned-producer.js';
import { Partitions } from './partitions.js';
import { ofEachPrimary } from './primaries.js';
import { Raiser } from './raiser.js';
import { ReadBudget } from './read-budget.js';
import { RedisReader } from './reader.js';
import { Recorder } from './recorder.js';
import { Registry } from './registry.js';
import { Replayer } from './replayer.js';
import { TokenBuckets } from './token-buckets.js';
import { TraceLog } from './trace-log.js';
import { RedisTrimmer } from './trimmer.js';
import { VersionedHash } from './versioned-hash.js';

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
  /** Told of lost connections and of errors that the transport survives. Default: nobody. */
  readonly onError?: (error: Error) => void;
  /** Told in a sentence what was lost and put right: a group, the Function library, a lease. Default: nobody. */
  readonly onNotice?: (notice: string) => void;
}

/** How long `close` waits for consumers to hand back what they hold. */
const CLOSE_GRACE_MS = 3000;
const DAY_MS = 86_400_000;
let consumersMade = 0;

/** What a consumer of a partition sends its commands with. */
interface Side {
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
  readonly deadLetters: DeadLetters;
  readonly absent: AbsentGroups;
  readonly leftovers: Leftovers;
  readonly audit: Audit;
  readonly doctor: GroupDoctor;
  readonly observations: Observations;
  readonly controls: Controls;
  readonly partitions: Partitions;
  readonly raiser: Raiser;
  readonly traces: TraceLog;
  readonly replayer: Replayer;
  readonly buckets: TokenBuckets;
  private readonly closing = sharedAbort();
  private readonly connector: Connector;
  readonly keys: Keys;
  private readonly requests;
  /** By partition, as each has its server; of a Redis that is no cluster, one for all. */
  private readonly sides = new Map<number, Side>();
  private readonly connections = new Map<string, Redis>();
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
    const requests = this.connector.connect('requests');
    this.requests = requests;
    this.producer = this.producerWith({ windowMs: DAY_MS, maxEntries: 1_000_000, ...options.deduplication });
    this.reader = new RedisReader(
      new Functions(requests),
      this.keys,
      (partition) => this.openBlocking(partition),
      this.closing.signal,
    );
    this.notes = new Notes(new Functions(requests));
    this.registry = new Registry(requests, this.notes, this.keys);
    this.trimmer = new RedisTrimmer(new Functions(requests), this.keys);
    this.deadLetters = new DeadLetters(requests, new Functions(requests), this.keys);
    this.leftovers = new Leftovers(requests, new Functions(requests), this.keys);
    this.audit = new Audit(new Functions(requests), this.notes, this.keys);
    this.observations = new Observations(requests, new Functions(requests), this.keys);
    this.controls = new Controls(requests, this.notes, this.keys, () => this.partitions.start());
    const functions = new Functions(requests);
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
    this.raiser = new Raiser(requests, functions, this.keys, this.partitions, this.registry, this.controls);
    this.traces = new TraceLog(requests, new Functions(requests), this.keys);
    this.replayer = new Replayer(requests, new Functions(requests), this.keys);
    this.buckets = new TokenBuckets(new Functions(requests), this.keys);
    this.recorder = new Recorder(this.traces, () => this.controls.sample);
    this.absent = new AbsentGroups(requests, this.keys, this.registry, this.observations, () => this.partitions.count);
    this.doctor = new GroupDoctor(requests, new Functions(requests), this.keys);
  }

  consumer(options: ConsumerOptions): Consumer {
    const start = `${Date.now().toString(36)}${(consumersMade++).toString(36)}`;
    const name = `${options.name ?? hostname()}-${process.pid}-${start}`;
    const all = withDefaults(options, name);
    this.partitions.start();
    const context: ConsumerContext = {
      ...this.sideOf(all.partition),
      keys: this.keys,
      leases: this.leases,
      frameMaxEvents: this.frameMaxEvents,
      controls: this.controls,
      recorder: this.recorder,
      budget: this.budget,
      openBlocking: () => this.openBlocking(all.partition),
      onError: (error) => this.onError(asUnavailable(error)),
      onNotice: this.onNotice,
      closing: this.closing.signal,
      onRunning: (ended) => {
        this.running.add(ended);
        void ended.finally(() => this.running.delete(ended));
      },
    };
    return all.order === 'none' ? new RedisConsumer(name, all, context) : new OrderedConsumer(name, all, context);
  }

  /**
   * Loads the Functions of this version, and further libraries (their text), on every primary: for a user who may, where
   * services may not. Rejects with `Unavailable`, or as Redis does.
   */
  loadFunctions(further: readonly string[] = []): Promise<void> {
    return new Functions(this.requests).loadLibraries(further);
  }

  async close(): Promise<void> {
    this.closing.abort();
    const left = new AbortController();
    void Promise.allSettled(this.running).then(() => left.abort());
    await pause(CLOSE_GRACE_MS, left.signal);
    this.partitions.stop();
    await this.traces.flush();
    this.connector.close();
  }

  /** A producer with a deduplication window of its own, on which all producers of a stream have to agree. */
  producerWith(window: DeduplicationWindow, durability?: Durability): Producer {
    if (durability === undefined || !Confirmation.isNeeded(durability)) return this.appender(this.requests, window);
    const waits = durability.timeoutMs + 5000;
    const confirmed = (partition: number): Producer => {
      const options = { commandTimeout: waits, ...(this.connector.hasFailover ? { socketTimeout: waits } : {}) };
      const redis = this.connector.connectTo(this.partitionKey(partition), 'impatient', 'appends', options);
      return this.appender(redis, window, new Confirmation(redis, durability));
    };
    return this.connector.isCluster ? new PartitionedProducer(confirmed) : confirmed(0);
  }

  /** Whether the server can do what the durability asks for. Rejects with `Unavailable` if it cannot be reached. */
  examineDurability(durability: Durability): Promise<Finding> {
    return examineDurability(this.requests, durability);
  }

  /** What the doctor finds of the server. Rejects with `Unavailable` if it cannot be reached. */
  async examine(): Promise<Finding[]> {
    const found = await examine(this.requests);
    // What it has no Functions for cannot be asked there.
    if (found.some(({ verdict }) => verdict === 'refuse')) return found;
    return [...found, await this.partitions.examine()];
  }

  /** The server's memory; undefined where it does not tell. Rejects with `Unavailable`. */
  memory(): Promise<Memory | undefined> {
    return memoryOf(this.requests);
  }

  /** Resolves if Redis answers, rejects with `Unavailable` if it does not. */
  async ping(): Promise<void> {
    // A node of a cluster answers PING also where the cluster serves nothing.
    const answer = this.connector.isCluster ? this.requests.exists(this.keys.control('sinks')) : this.requests.ping();
    await answer.catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  /** A section of INFO, of the server or of every primary of a cluster. Rejects as Redis does. */
  info(section: string): Promise<string[]> {
    return ofEachPrimary(this.requests, (primary) => primary.info(section));
  }

  /** How many events of a stream the group has not settled: those to come and those in hand. */
  backlog(stream: StreamName, group: string): Promise<number> {
    return backlogOf(this.requests, this.keys, stream, group);
  }

  /** Every stream that a registered group reads, in every partition. Rejects with `Unavailable`. */
  async readStreams(): Promise<StreamName[]> {
    const [topics, groups] = await Promise.all([this.registry.topics(), this.registry.groups()]);
    const names = groups.flatMap(({ group, streams }) => [
      ...streams.flatMap((name) => (name === 'topic:*' ? [...topics, UNROUTED].map(topicStream) : [name])),
      againStream(group),
    ]);
    return [...new Set(names)].flatMap((name) => inEveryPartition(name, this.partitions.count));
  }

  /** How streams fare, in one round trip. Rejects with `Unavailable`. */
  inspect(streams: readonly StreamName[]): Promise<StreamState[]> {
    return this.observations.streams(streams);
  }

  /** A hash of which every change is a version: `routes`, `schemas`. */
  versioned(name: string): VersionedHash {
    return new VersionedHash(this.requests, new Functions(this.requests), this.keys, this.audit, name);
  }

  /** Jobs of a kind that whichever console is there goes on with: `replays`, `redrives`. */
  jobs(kind: string): Jobs {
    return new Jobs(this.requests, new Functions(this.requests), this.keys, kind);
  }

  /**
   * A further connection for a use of the caller's own; `close` drops it. Requests fail quickly on it. In a cluster it is
   * the connection to all of it, and each command, pipeline or transaction has keys of one slot.
   */
  connect(name: string): Connection {
    return this.connector.connect(name);
  }

  /**
   * The same for keys of one slot, any of which stands for them: also for commands whose keys ioredis does not know, as
   * those of modules. The same name gives the same connection again, in a cluster for each key.
   */
  connectTo(key: string, name: string): Redis {
    const use = this.connector.isCluster ? `${name} ${key}` : name;
    const redis = this.connections.get(use) ?? this.connector.connectTo(key, 'impatient', name);
    this.connections.set(use, redis);
    return redis;
  }

  /** Whether keys of different hash tags may be on different servers. */
  get isCluster(): boolean {
    return this.connector.isCluster;
  }

  private appender(redis: Connection, window: DeduplicationWindow, confirmation?: Confirmation): Producer {
    return new Appender(new Functions(redis, this.onNotice), this.keys, window, confirmation, this.frameMaxEvents);
  }

  private openBlocking(partition: number): Redis {
    // Not `blockingTimeout`: it drops an answer that is late, and with it entries that Redis counts as handed to us.
    return this.connector.connectTo(this.partitionKey(partition), 'patient', 'blocking');
  }

  private sideOf(partition: number): Side {
    const number = this.connector.isCluster ? partition : 0;
    const known = this.sides.get(number);
    if (known !== undefined) return known;
    const commands = this.connector.connectTo(this.partitionKey(number), 'patient', 'commands');
    const side = { commands, functions: new Functions(commands, this.onNotice), gauge: new MemoryGauge(commands) };
    this.sides.set(number, side);
    return side;
  }

  /** A key of the slot that the partition is in. */
  private partitionKey(partition: number): string {
    return this.keys.frames(partition);
  }
}
