import type { Redis } from 'ioredis';
import { checkRollup } from '../check.js';
import { openSeriesSource } from '../open.js';
import type { Point, Rollup, SeriesSource } from '../series.js';
import { type LabelFilter, matchesFilter } from './label-filter.js';
import { mergeBuckets, mergePoints, type Part } from './merge.js';
import { readBuckets, wholeBuckets } from './whole-buckets.js';

/** What of a series to read. */
export interface SeriesRange {
  /** Unix milliseconds, both inclusive; `-Infinity` and `Infinity` are the ends. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Aggregates of whole buckets, in place of samples: the range is widened to the buckets that it touches. */
  readonly aggregate?: Rollup;
  /** Most points of each series, from the earliest on. */
  readonly limit: number;
}

/** A series and what was read of it. */
export interface SeriesPoints {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}

/** A series wherever it is kept. */
interface Found {
  readonly name: string;
  readonly parts: readonly Part[];
}

/**
 * Reads the series of several prefixes, one for each partition, as if they were under one. Both stores give the same
 * answers. A sample belongs to its partition: of one time there may be one in each.
 */
export class SeriesReader {
  constructor(private readonly sources: readonly SeriesSource[]) {}

  /**
   * The first series, by name, whose labels match all filters, and how many match. Throws a `RangeError` for an aggregate
   * that is none.
   */
  async read(
    filters: readonly LabelFilter[],
    range: SeriesRange,
    most: number,
  ): Promise<{ matched: number; series: SeriesPoints[] }> {
    if (range.aggregate) checkRollup('of the query', range.aggregate);
    const found = await this.find(filters);
    const series: SeriesPoints[] = [];
    // One after the other: a wide question is not all of Redis's work at once.
    for (const one of found.slice(0, most)) {
      series.push({ name: one.name, labels: labelsOf(one.parts), points: await this.points(one.parts, range) });
    }
    return { matched: found.length, series };
  }

  /** The first series by name, without their points. */
  async names(most: number): Promise<Omit<SeriesPoints, 'points'>[]> {
    return (await this.find([])).slice(0, most).map(({ name, parts }) => ({ name, labels: labelsOf(parts) }));
  }

  private async find(filters: readonly LabelFilter[]): Promise<Found[]> {
    const found = new Map<string, Part[]>();
    for (const source of this.sources) {
      for (const spec of await source.find({})) {
        const labels = { ...spec.labels, series: spec.name };
        if (!filters.every((filter) => matchesFilter(labels, filter))) continue;
        found.set(spec.name, [...(found.get(spec.name) ?? []), { source, spec }]);
      }
    }
    return Array.from(found, ([name, parts]) => ({ name, parts })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private async points(parts: readonly Part[], { fromMs, toMs, aggregate, limit }: SeriesRange): Promise<Point[]> {
    const [only] = parts;
    if (aggregate === undefined) {
      const each = parts.map(({ source, spec }) => source.range({ series: spec.name }, fromMs, toMs, { limit }));
      return mergePoints(await Promise.all(each), limit);
    }
    const range = wholeBuckets(aggregate, fromMs, toMs, limit);
    return parts.length === 1 && only ? readBuckets(only.source, only.spec, range) : mergeBuckets(parts, range);
  }
}

const labelsOf = (parts: readonly Part[]): Record<string, string> =>
  Object.assign({}, ...parts.map(({ spec }) => spec.labels)) as Record<string, string>;

/**
 * A reader of the series under these prefixes; those under which none were ever kept are left out. Writes nothing. Rejects
 * with a `ModuleUnusable` where the TimeSeries module made them and cannot be used here. `redisOf` gives the
 * connection to the server of a prefix.
 */
export const openSeriesReader = async (
  redisOf: (prefix: string) => Redis,
  prefixes: readonly string[],
): Promise<SeriesReader> => {
  const sources = await Promise.all(prefixes.map((prefix) => openSeriesSource(redisOf(prefix), prefix)));
  return new SeriesReader(sources.filter((source) => source !== undefined));
};
