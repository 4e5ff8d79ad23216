import { RedisTransport, type StoredDeadLetter } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';

/** Which dead letters to give. */
export interface DeadLetterFilter {
  readonly hop?: string | undefined;
  /** Class of the error. */
  readonly error?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

/** A dead letter as the API gives it. */
export interface DeadLetterView extends Omit<StoredDeadLetter, 'json'> {
  readonly partition: number;
  /** The event as text, as it came in; null where its payload was lost. */
  readonly event: string | null;
}

/** Most that are looked through for a filter, in each group and partition. */
const LOOK_THROUGH = 1000;

const toView = ({ json, ...letter }: StoredDeadLetter, partition: number): DeadLetterView => ({
  ...letter,
  partition,
  event: json ?? null,
});

/** The dead letters of all registered groups. */
@Injectable()
export class DeadLetters {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  /** Newest first. A filter by error looks through the newest 1000 of each group. Rejects with `Unavailable`. */
  async newest({ hop, error, from, to, limit }: DeadLetterFilter): Promise<DeadLetterView[]> {
    const groups = (await this.transport.registry.groups()).filter((group) => hop === undefined || group.hop === hop);
    const range = { from, to, limit: error === undefined ? limit : LOOK_THROUGH };
    const partitions = Array.from({ length: this.config.PARTITIONS }, (_, partition) => partition);
    const each = await Promise.all(
      groups.flatMap(({ group }) =>
        partitions.map(async (partition) =>
          (await this.transport.deadLetters(group, partition, range)).map((letter) => toView(letter, partition)),
        ),
      ),
    );
    return each
      .flat()
      .filter((letter) => error === undefined || letter.error === error)
      .sort((a, b) => b.lastFailedAt - a.lastFailedAt)
      .slice(0, limit);
  }
}
