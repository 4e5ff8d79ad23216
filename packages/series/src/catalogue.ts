import type { Redis } from 'ioredis';
import type { SeriesSpec } from './series.js';

/**
 * The specs of all series of a prefix, in a hash beside them. TimeSeries has an index of labels too, but it sees one
 * node of a cluster, and its filters cannot express every label.
 */
export class Catalogue {
  constructor(
    private readonly redis: Redis,
    private readonly key: string,
  ) {}

  /** Adds the specs, or replaces those of the same name. */
  async write(specs: readonly SeriesSpec[]): Promise<void> {
    if (specs.length === 0) return;
    await this.redis.hset(this.key, ...specs.flatMap((spec) => [spec.name, JSON.stringify(spec)]));
  }

  /** The spec of that name, if there is one. */
  async read(name: string): Promise<SeriesSpec | undefined> {
    const found = await this.redis.hget(this.key, name);
    return found === null ? undefined : (JSON.parse(found) as SeriesSpec);
  }

  /** The specs that have all of these labels, sorted by name. */
  async find(labels: Readonly<Record<string, string>>): Promise<SeriesSpec[]> {
    const wanted = Object.entries(labels);
    const specs = (await this.redis.hvals(this.key)).map((text) => JSON.parse(text) as SeriesSpec);
    return specs
      .filter((spec) => wanted.every(([label, value]) => spec.labels?.[label] === value))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
