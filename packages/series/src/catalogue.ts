import type { Redis } from 'ioredis';
import { FunctionsCaller } from './functions-caller.js';
import type { SeriesSpec } from './series.js';

/** As many as one call of a Function may take, and one step of a scan: Redis does nothing else meanwhile. */
const PAGE = 500;

/**
 * The specs of all series of a prefix, in a hash beside them. TimeSeries has an index of labels too, but it sees one
 * node of a cluster, and its filters cannot express every label.
 */
export class Catalogue {
  private readonly functions: FunctionsCaller;

  constructor(
    private readonly redis: Redis,
    private readonly key: string,
  ) {
    this.functions = new FunctionsCaller(redis);
  }

  /** Adds the specs, or replaces those of the same name. Gives the names of new ones beyond `most`; 0: no limit. */
  async write(specs: readonly SeriesSpec[], most: number): Promise<Set<string>> {
    const refused = new Set<string>();
    for (let start = 0; start < specs.length; start += PAGE) {
      const page = specs.slice(start, start + PAGE);
      const args = page.flatMap((spec) => [spec.name, JSON.stringify(spec)]);
      const numbers = (await this.functions.call('register', [this.key], [most, ...args])) as number[];
      for (const number of numbers) refused.add((page[number - 1] as SeriesSpec).name);
    }
    return refused;
  }

  /** The spec of that name, if there is one. */
  async read(name: string): Promise<SeriesSpec | undefined> {
    const found = await this.redis.hget(this.key, name);
    return found === null ? undefined : specIn(found);
  }

  /** The specs that have all of these labels, sorted by name. */
  async find(labels: Readonly<Record<string, string>>): Promise<SeriesSpec[]> {
    const wanted = Object.entries(labels);
    return (await this.all())
      .filter((spec) => wanted.every(([label, value]) => spec.labels?.[label] === value))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private async all(): Promise<SeriesSpec[]> {
    // A scan may give a field twice.
    const specs = new Map<string, SeriesSpec>();
    for (let cursor = '0'; ; ) {
      const [next, found] = await this.redis.hscan(this.key, cursor, 'COUNT', PAGE);
      for (let i = 0; i + 1 < found.length; i += 2) {
        const spec = specIn(found[i + 1] as string);
        if (spec !== undefined) specs.set(found[i] as string, spec);
      }
      if (next === '0') return [...specs.values()];
      cursor = next;
    }
  }
}

/** What somebody wrote by hand may be anything: then there is no such series. */
const specIn = (json: string): SeriesSpec | undefined => {
  try {
    const spec = JSON.parse(json) as SeriesSpec | null;
    return typeof spec?.name === 'string' ? spec : undefined;
  } catch {
    return undefined;
  }
};
