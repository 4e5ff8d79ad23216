/** Values of one series: how many fell into each bucket, and their sum. */
interface Series<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  /** Below each bound, and above the last. */
  readonly counts: number[];
  sum: number;
}

interface Line {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * A histogram for what comes by the hundred: many equal values are one call. prom-client's takes them one by one, and looks
 * up the labels each time, which costs a delivery more than to acknowledge it.
 */
export class BatchHistogram<L extends string> {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly series = new Map<string, Series<L>>();

  /** `bounds` rise. */
  constructor(
    readonly name: string,
    readonly help: string,
    private readonly labelNames: readonly L[],
    private readonly bounds: readonly number[],
  ) {}

  /** Counts `value` so many times. */
  observe(labels: Readonly<Record<L, string>>, value: number, times = 1): void {
    const series = this.of(labels);
    const found = this.bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? this.bounds.length : found;
    series.counts[bucket] = (series.counts[bucket] as number) + times;
    series.sum += value * times;
  }

  /** What prom-client's registry asks of a metric. */
  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: [...this.series.values()].flatMap((one) => this.lines(one)) };
  }

  reset(): void {
    this.series.clear();
  }

  private of(labels: Readonly<Record<L, string>>): Series<L> {
    const key = this.keyOf(labels);
    let series = this.series.get(key);
    if (series === undefined) {
      series = { labels: { ...labels }, counts: new Array<number>(this.bounds.length + 1).fill(0), sum: 0 };
      this.series.set(key, series);
    }
    return series;
  }

  private keyOf(labels: Readonly<Record<L, string>>): string {
    return this.labelNames.map((name) => labels[name]).join('\n');
  }

  private lines({ labels, counts, sum }: Series<L>): Line[] {
    let below = 0;
    const buckets = counts.map((count, i): Line => {
      below += count;
      const le = String(this.bounds[i] ?? '+Inf');
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: below },
    ];
  }
}
