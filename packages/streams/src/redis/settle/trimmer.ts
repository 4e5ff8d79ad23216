import type { ForcedLoss, Trimmer, TrimRequest, TrimResult } from '../../contract.js';
import { Unavailable } from '../../errors.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';

/** Most entries that one call trims, at about a microsecond and a half of Redis each. */
const PAGE = 500;
/** Streams in one call. */
const STREAMS = 20;

type Answer = readonly [trimmed: number, more: number, ...losses: (string | number)[]];

interface Work {
  readonly request: TrimRequest;
  trimmed: number;
  readonly losses: ForcedLoss[];
  error?: Error;
}

/** Trims by one Function call for several streams of a partition, again while there is more to trim. */
export class RedisTrimmer implements Trimmer {
  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
  ) {}

  /** Partitions are trimmed beside each other: one whose primary is away keeps no other waiting. */
  async trim(requests: readonly TrimRequest[]): Promise<TrimResult[]> {
    const all = requests.map((request): Work => ({ request, trimmed: 0, losses: [] }));
    const partitions = [...new Set(requests.map(({ stream }) => stream.partition))];
    await Promise.all(partitions.map((partition) => this.trimPartition(partition, all)));
    const [first] = all;
    if (first?.error !== undefined && all.every(({ error }) => error !== undefined)) throw first.error;
    return all.map(({ request, ...rest }) => ({ stream: request.stream, ...rest }));
  }

  private async trimPartition(partition: number, all: readonly Work[]): Promise<void> {
    let left = all.filter(({ request }) => request.stream.partition === partition);
    while (left.length > 0) {
      const some = left.slice(0, STREAMS);
      try {
        left = [...left.slice(STREAMS), ...(await this.call(partition, some))];
      } catch (error) {
        // Away is the whole partition; what else fails may be the fault of one stream.
        const failed = error instanceof Unavailable ? left : some;
        for (const work of failed) work.error = error as Error;
        left = left.filter((work) => !failed.includes(work));
      }
    }
  }

  /** One call; gives those of which more is to be trimmed. */
  private async call(partition: number, some: readonly Work[]): Promise<Work[]> {
    const keys = some.map(({ request }) => this.keys.stream(request.stream));
    const args = some.flatMap(({ request: { retention, groups, force = false, gone = [] } }) => {
      const ignored = force ? groups : groups.filter((group) => gone.includes(group));
      const waitedFor = groups.filter((group) => !ignored.includes(group));
      return [retention.maxLength, retention.maxAgeMs, ignored.length, groups.length, ...waitedFor, ...ignored];
    });
    const answers = (await this.functions.call(
      'trim',
      [this.keys.forced(partition), this.keys.frames(partition), ...keys],
      [PAGE, ...args],
    )) as Answer[];
    return some.filter((work, i) => {
      const [trimmed, more, ...losses] = answers[i] as Answer;
      work.trimmed += trimmed;
      work.losses.push(...lossesOf(losses));
      return more === 1;
    });
  }
}

const lossesOf = (flat: readonly (string | number)[]): ForcedLoss[] => {
  const losses: ForcedLoss[] = [];
  for (let i = 0; i + 3 < flat.length; i += 4) {
    const [group, from, to, count] = flat.slice(i, i + 4) as [string, string, string, number];
    losses.push({ group, from, to, count });
  }
  return losses;
};
