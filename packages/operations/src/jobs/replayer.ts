import { againStream, type Delivery, type Position } from '@millrace/streams';
import type { Connection, Keys } from '@millrace/streams/redis';
import type { OperationFunctions } from '../functions/operations-library.js';

/** A replay in one partition. */
export interface ReplayPart {
  /** Of the replay. */
  readonly id: string;
  readonly group: string;
  readonly partition: number;
}

/** How far a replay came in one partition. */
export interface ReplayProgress {
  /** The last event that was looked at; undefined at the beginning. */
  readonly at: Position | undefined;
  readonly looked: number;
  readonly sent: number;
}

/** A step of a replay: what was looked at, up to where, and what of it is sent. */
export interface ReplayStep {
  readonly from: Position | undefined;
  readonly to: Position;
  readonly looked: number;
  readonly events: readonly Delivery[];
}

/** Hands retained events to one group again, each once, whichever process crashes. All methods reject with `Unavailable`. */
export class Replayer {
  constructor(
    private readonly redis: Connection,
    private readonly functions: OperationFunctions,
    private readonly keys: Keys,
  ) {}

  async progress(part: ReplayPart): Promise<ReplayProgress> {
    const [at, looked, sent] = await this.redis.hmget(this.progressKey(part), 'at', 'looked', 'sent');
    return { at: at ?? undefined, looked: Number(looked ?? 0), sent: Number(sent ?? 0) };
  }

  /** One step, at most 500 events and 1 MiB. False where another client has gone on: then nothing was done. */
  async step(part: ReplayPart, { from, to, looked, events }: ReplayStep): Promise<boolean> {
    const { group, partition } = part;
    const again = this.keys.stream({ name: againStream(group), partition });
    const fields = events.flatMap(({ event, stream, position }) => [event.type, event.json, stream, position]);
    const args = [from ?? '', to, looked, ...fields];
    return (await this.functions.call('replay', [again, this.progressKey(part)], args)) === 1;
  }

  private progressKey({ id, partition }: ReplayPart): string {
    return this.keys.stream({ name: `replay:${id}`, partition });
  }
}
