import type { Redis } from 'ioredis';
import type { SeriesKeys } from '../keys.js';
import type { RollupSpec, SeriesSpec } from '../series.js';

/**
 * Most bytes of a rollup's chunk. TimeSeries takes a whole one for the first bucket, and a rollup has few: of 4096 bytes each, two
 * are more than the series itself.
 */
const ROLLUP_CHUNK = 512;

/** Makes keys and rules, and lets those be that are there. */
export class Creation {
  constructor(
    private readonly redis: Redis,
    private readonly keys: SeriesKeys,
  ) {}

  /** Calls are sent at once, in order, on one connection; a rule's keys are therefore there before it. */
  async create(specs: readonly SeriesSpec[]): Promise<void> {
    await Promise.all(specs.flatMap((spec) => [this.series(spec), ...this.rollups(spec)]));
  }

  private series(spec: SeriesSpec): Promise<void> {
    return this.key(this.keys.of({ series: spec.name }), spec, { series: spec.name, ...spec.labels });
  }

  private rollups(spec: SeriesSpec): Promise<void>[] {
    const series = spec.name;
    return (spec.rollups ?? []).flatMap((rollup: RollupSpec) => {
      const { aggregate, bucketMs } = rollup;
      const target = this.keys.of({ series, rollup });
      const labels = { series, aggregate, bucket_ms: String(bucketMs), ...spec.labels };
      return [
        this.key(target, { ...rollup, chunkSize: Math.min(spec.chunkSize ?? ROLLUP_CHUNK, ROLLUP_CHUNK) }, labels),
        this.unless(
          /already has a src rule|already exists/i,
          'TS.CREATERULE',
          this.keys.of({ series }),
          target,
          'AGGREGATION',
          aggregate,
          bucketMs,
        ),
      ];
    });
  }

  /** A key that is there gets the spec's retention, policies and labels. */
  private async key(key: string, kept: Partial<SeriesSpec>, labels: Readonly<Record<string, string>>): Promise<void> {
    const options = [...optionArgs(kept), 'LABELS', ...labelArgs(labels)];
    await Promise.all([
      this.unless(/already exists/i, 'TS.CREATE', key, ...options),
      this.unless(undefined, 'TS.ALTER', key, ...options),
    ]);
  }

  private async unless(
    fine: RegExp | undefined,
    command: string,
    ...args: readonly (string | number)[]
  ): Promise<void> {
    try {
      await this.redis.call(command, ...args);
    } catch (error) {
      const { name, message } = error as Error;
      // A key of another type is named by `add`, sample by sample.
      if (name !== 'ReplyError' || !(fine?.test(message) || /WRONGTYPE|not a TSDB/i.test(message))) throw error;
    }
  }
}

const optionArgs = ({ retentionMs = 0, chunkSize, onDuplicate = 'last', ignore }: Partial<SeriesSpec>) => [
  ...['RETENTION', retentionMs, 'DUPLICATE_POLICY', onDuplicate],
  ...(chunkSize === undefined ? [] : ['CHUNK_SIZE', chunkSize]),
  ...(ignore === undefined ? [] : ['IGNORE', ignore.timeMs, ignore.value]),
];

/** TimeSeries takes no empty labels and no `(`, `)` or `,` in them: the catalogue has them as they are. */
const labelArgs = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels)
    .filter(([label, value]) => label !== '' && value !== '')
    .flatMap(([label, value]) => [label, value.replace(/[(),]/g, '_')]);
