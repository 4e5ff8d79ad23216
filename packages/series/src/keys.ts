import type { SeriesRef } from './series.js';

/**
 * The name of a series made of several parts, such as source and metric: different parts never make the same name.
 * Parts stay readable; only `%` and `:` are escaped.
 */
export const seriesName = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll('%', '%25').replaceAll(':', '%3A')).join(':');

/** Names of a store's keys. They share one hash tag, so one cluster slot: that of the prefix, else the whole prefix. */
export class SeriesKeys {
  private readonly prefix: string;

  /** Throws a `RangeError` for a prefix with a brace that makes no hash tag. */
  constructor(prefix: string) {
    const tagged = /^[^{]*\{[^}]+\}/.test(prefix);
    if (!tagged && /[{}]/.test(prefix)) throw new RangeError(`the prefix ${prefix} has a brace, but no {hash tag}`);
    this.prefix = tagged ? prefix : `{${prefix}}`;
  }

  /**
   * `mr:{p0}:series:temperature`, of a rollup `mr:{p0}:series:temperature@avg:60000`. An `@` in a name is doubled, so no
   * name makes the key of another's rollup.
   */
  of({ series, rollup }: SeriesRef): string {
    const key = `${this.prefix}:${series.replaceAll('@', '@@')}`;
    return rollup ? `${key}@${rollup.aggregate}:${rollup.bucketMs}` : key;
  }

  /** Hash of the specs of all series, by name. */
  get catalogue(): string {
    return `${this.prefix}@catalogue`;
  }

  /** Made and deleted in one step, to see what the server can do. */
  get probe(): string {
    return `${this.prefix}@probe`;
  }

  /** Which kind of store keeps the series. */
  get kind(): string {
    return `${this.prefix}@kind`;
  }
}
