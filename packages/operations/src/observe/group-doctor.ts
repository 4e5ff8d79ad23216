import { DEFINITIONS_LIBRARY } from '@millrace/definitions';
import { type StreamName, Unavailable } from '@millrace/streams';
import { type Connection, type Finding, infoRecord, type Keys } from '@millrace/streams/redis';
import { ofReachablePrimaries, STREAMS_LIBRARY } from '@millrace/streams/redis/internal';
import { OPERATIONS_LIBRARY, type OperationFunctions } from '../functions/operations-library.js';

/** A consumer of a group that was not heard of for long. */
export interface GoneConsumer {
  readonly stream: StreamName;
  readonly group: string;
  readonly consumer: string;
  readonly idleMs: number;
  readonly pending: number;
}

/** What was put right. */
export interface Tidied {
  readonly consumers: readonly GoneConsumer[];
  /** Names of the Function libraries that were removed. */
  readonly libraries: readonly string[];
}

/** A consumer that was silent for so long is gone: whoever lives reads or renews many times within it. */
const GONE_AFTER_MS = 3_600_000;
/** What is pending and unrenewed for so long is stuck: others should have claimed it long ago. */
const STUCK_AFTER_MS = 600_000;
const HANDED_OVER_AT_ONCE = 500;

const rowsOf = async (redis: Connection, ...command: readonly [string, ...string[]]): Promise<unknown[]> => {
  const [name, ...args] = command;
  try {
    return (await redis.call(name, ...args)) as unknown[];
  } catch (error) {
    if (/no such key|NOGROUP/i.test((error as Error).message)) return [];
    throw error;
  }
};

/** Looks at consumer groups for what does not move, and tidies up after consumers that are gone. */
export class GroupDoctor {
  constructor(
    private readonly redis: Connection,
    private readonly functions: OperationFunctions,
    private readonly keys: Keys,
  ) {}

  /** What is wrong with the groups of these streams; nothing where all is well. Rejects with `Unavailable`. */
  async examine(streams: readonly StreamName[], stuckAfterMs = STUCK_AFTER_MS): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const stream of streams) {
      for (const group of await this.groupsOf(stream)) {
        const stuck = await this.stuck(stream, group, stuckAfterMs);
        if (stuck !== undefined) findings.push(stuck);
      }
    }
    const gone = await this.gone(streams);
    return [...findings, ...gone.map(goneFinding)];
  }

  /**
   * Forgets consumers that are gone, after handing over what they had pending, and removes Function libraries of other
   * versions: a process that still uses one loads it again. Rejects with `Unavailable`.
   */
  async tidy(streams: readonly StreamName[], goneAfterMs = GONE_AFTER_MS): Promise<Tidied> {
    const consumers = await this.gone(streams, goneAfterMs);
    await this.eachReachable(consumers, async ({ stream, group, consumer }) => {
      const keys = [this.keys.lease(group, stream.partition), this.keys.stream(stream)];
      for (let handed = HANDED_OVER_AT_ONCE; handed === HANDED_OVER_AT_ONCE; ) {
        const args = [group, consumer, goneAfterMs, HANDED_OVER_AT_ONCE];
        [, handed] = (await this.functions.call('retire', keys, args)) as [number, number];
      }
    });
    return { consumers, libraries: await this.removeLibraries() };
  }

  private async gone(streams: readonly StreamName[], goneAfterMs = GONE_AFTER_MS): Promise<GoneConsumer[]> {
    const gone: GoneConsumer[] = [];
    await this.eachReachable(streams, async (stream) => {
      for (const group of await this.groupsOf(stream)) {
        const rows = await rowsOf(this.redis, 'XINFO', 'CONSUMERS', this.keys.stream(stream), group);
        for (const { name, idle, pending } of rows.map(infoRecord)) {
          const consumer = { stream, group, consumer: String(name), idleMs: Number(idle), pending: Number(pending) };
          if (consumer.idleMs >= goneAfterMs && !isHandover(consumer)) gone.push(consumer);
        }
      }
    });
    return gone;
  }

  /** One after the other; what is on a primary that is away is left out, unless that is everything. */
  private async eachReachable<T>(all: readonly T[], visit: (one: T) => Promise<void>): Promise<void> {
    let away: { error: Unavailable; count: number } | undefined;
    for (const one of all) {
      await visit(one).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
        away = { error, count: (away?.count ?? 0) + 1 };
      });
    }
    if (away !== undefined && away.count === all.length) throw away.error;
  }

  private async groupsOf(stream: StreamName): Promise<string[]> {
    const rows = await rowsOf(this.redis, 'XINFO', 'GROUPS', this.keys.stream(stream));
    return rows.map(infoRecord).map(({ name }) => String(name));
  }

  private async stuck(stream: StreamName, group: string, afterMs: number): Promise<Finding | undefined> {
    const key = this.keys.stream(stream);
    const rows = await rowsOf(this.redis, 'XPENDING', key, group, 'IDLE', String(afterMs), '-', '+', '100');
    if (rows.length === 0) return undefined;
    const [[id]] = rows as [[string]];
    const many = rows.length === 100 ? '100 or more entries' : `${rows.length} entries`;
    return {
      check: 'group',
      verdict: 'warning',
      detail:
        `${group} on ${stream.name} (partition ${stream.partition}) has ${many} in flight for over ` +
        `${Math.round(afterMs / 60_000)} minutes, from ${id} on: no consumer of the group claims them; is one running?`,
    };
  }

  private async removeLibraries(): Promise<string[]> {
    const removed = await ofReachablePrimaries(this.redis, async (primary) => {
      const listed = (await rowsOf(primary, 'FUNCTION', 'LIST', 'LIBRARYNAME', 'millrace_*')).map(infoRecord);
      const old = listed.map((of) => String(of.library_name)).filter((name) => isOld(name));
      const gone: string[] = [];
      for (const name of old) {
        // Somebody was first, or they are not this user's to remove.
        const isDone = await primary.call('FUNCTION', 'DELETE', name).catch(() => undefined);
        if (isDone !== undefined) gone.push(name);
      }
      return gone;
    });
    return [...new Set(removed.flat())];
  }
}

const isOld = (name: string): boolean =>
  [STREAMS_LIBRARY, OPERATIONS_LIBRARY, DEFINITIONS_LIBRARY].some((library) => library.isOtherVersion(name));

/** What no consumer has in flight is pending under this name until one claims it. */
const isHandover = ({ consumer, pending }: GoneConsumer): boolean => consumer === 'released' && pending > 0;

const goneFinding = ({ stream, group, consumer, idleMs, pending }: GoneConsumer): Finding => ({
  check: 'consumer',
  verdict: pending > 0 ? 'warning' : 'ok',
  detail:
    `${consumer} of ${group} on ${stream.name} (partition ${stream.partition}) was last active ` +
    `${Math.round(idleMs / 60_000)} minutes ago and has ${pending} entries in flight; the router cleans it up`,
});
