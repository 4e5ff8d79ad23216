import { type DeadLetter, storedObject } from '@millrace/streams';
import { type Connection, type Keys, type TraceLog, type TraceRecord } from '@millrace/streams/redis';
import { traceDigest, traceKeys } from '@millrace/streams/redis/internal';

/** Reads what is on record of the deliveries of an event. */
export class Traces {
  constructor(
    private readonly redis: Connection,
    private readonly keys: Keys,
    private readonly log: TraceLog,
  ) {}

  /** Records of an event in a partition, the oldest first. Rejects with `Unavailable`. */
  async of(partition: number, source: string, id: string): Promise<TraceRecord[]> {
    const digest = traceDigest(source, id);
    const [, ...generations] = traceKeys(this.keys, partition);
    const found = await Promise.all(generations.map((key) => this.redis.hget(key, digest)));
    const lines = new Set(found.flatMap((text) => text?.split('\n') ?? []));
    const records = [...lines].flatMap((line) => storedObject<TraceRecord>(line) ?? []);
    return records.filter(({ at }) => typeof at === 'number').sort((a, b) => a.at - b.at);
  }

  /** Says of dead letters that they were deleted: else it looks as if they had been delivered after all. */
  purged(partition: number, letters: readonly DeadLetter[]): void {
    const at = Date.now();
    for (const { type, json, hop, group, stream, position, attempts } of letters) {
      if (json === undefined) continue; // Without its event nobody can ask for it by its name.
      const record = { at, hop, group, stream, position, attempt: attempts, outcome: 'purged' } as const;
      this.log.add(partition, { type: type ?? '', json }, record);
    }
  }
}
