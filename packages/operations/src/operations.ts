import { Audit } from '@millrace/definitions';
import { againStream, inEveryPartition, type StreamName, topicStream, UNROUTED } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';
import { Functions, STREAMS_LIBRARY } from '@millrace/streams/redis/internal';
import { forgetGroup } from './control/forget-group.js';
import { Settings } from './control/settings.js';
import { type DeadLetterRange, DeadLetters, type StoredDeadLetter } from './dead-letters/dead-letters.js';
import { Leftovers } from './dead-letters/leftovers.js';
import { OPERATIONS_LIBRARY, type OperationFunctions } from './functions/operations-library.js';
import { Jobs } from './jobs/jobs.js';
import { Replayer } from './jobs/replayer.js';
import { AbsentGroups } from './observe/absent-groups.js';
import { GroupDoctor } from './observe/group-doctor.js';
import { Observations } from './observe/observations.js';
import { Traces } from './observe/traces.js';
import { Drain } from './partitions/drain.js';
import { Raiser } from './partitions/raiser.js';

const AGAIN = againStream('');

/**
 * What operators do with the streams of a transport, and what the console and the router's upkeep do for them. It has no
 * connection of its own, and nothing to close.
 */
export class Operations {
  readonly deadLetters: DeadLetters;
  readonly leftovers: Leftovers;
  readonly replayer: Replayer;
  readonly traces: Traces;
  readonly observations: Observations;
  readonly absent: AbsentGroups;
  readonly doctor: GroupDoctor;
  readonly raiser: Raiser;
  readonly settings: Settings;
  readonly audit: Audit;
  private readonly operations: OperationFunctions;

  constructor(private readonly transport: RedisTransport) {
    const { keys, registry, notes, partitions } = transport;
    const { requests } = transport.connections;
    const streams = new Functions(requests, STREAMS_LIBRARY);
    const operations = new Functions(requests, OPERATIONS_LIBRARY);
    this.operations = operations;
    this.deadLetters = new DeadLetters(requests, streams, operations, keys);
    this.leftovers = new Leftovers(requests, operations, keys);
    this.replayer = new Replayer(requests, operations, keys);
    this.traces = new Traces(requests, keys, transport.traces);
    this.observations = new Observations(requests, streams, keys);
    this.absent = new AbsentGroups(requests, keys, registry, this.observations, () => partitions.count);
    this.doctor = new GroupDoctor(requests, operations, keys);
    this.settings = new Settings(requests, notes, keys);
    const drain = new Drain(requests, keys, registry, this.observations);
    this.raiser = new Raiser(operations, keys, partitions, registry, this.settings, drain, this.observations);
    this.audit = new Audit(transport);
  }

  /** Jobs of a kind that whichever console is there goes on with: `replays`, `redrives`. */
  jobs(kind: string): Jobs {
    return new Jobs(this.transport.connections.requests, this.operations, this.transport.keys, kind);
  }

  /**
   * Forgets a group and all that was kept for it: its pending entries, what is queued for another attempt, its dead letters, that
   * it is paused. If it comes again it begins with what the streams still hold. Rejects with `Unavailable`.
   */
  async forgetGroup(group: string): Promise<void> {
    // Streams of retries are each of one group.
    const streams = (await this.readStreams()).filter(({ name }) => !name.startsWith(AGAIN));
    await forgetGroup(this.transport.connections.requests, this.transport.keys, group, streams);
    await this.settings.setPause(group, null);
  }

  /** Deletes dead letters of a group permanently, and records that at their events. Gives how many there were. Rejects with `Unavailable`. */
  async purge(of: Pick<DeadLetterRange, 'group' | 'partition'>, letters: readonly StoredDeadLetter[]): Promise<number> {
    const ids = letters.map(({ id }) => id);
    const purged = await this.deadLetters.purge(of, ids);
    this.traces.purged(of.partition, letters);
    return purged;
  }

  /** Every stream that a registered group reads, in every partition. Rejects with `Unavailable`. */
  async readStreams(): Promise<StreamName[]> {
    const { registry, partitions } = this.transport;
    const [topics, groups] = await Promise.all([registry.topics(), registry.groups()]);
    const names = groups.flatMap(({ group, streams }) => [
      ...streams.flatMap((name) => (name === 'topic:*' ? [...topics, UNROUTED].map(topicStream) : [name])),
      againStream(group),
    ]);
    return [...new Set(names)].flatMap((name) => inEveryPartition(name, partitions.count));
  }
}
