import type { Backend } from './backend.js';
import type { Catalogue } from './catalogue.js';
import { checkRollup, checkSpec, refusalOf, rejected } from './check.js';
import type { SeriesKeys } from './keys.js';
import type {
  Point,
  RangeOptions,
  Rejection,
  Sample,
  SampleCommand,
  SampleResult,
  SeriesRef,
  SeriesSpec,
  SeriesStore,
  StoreKind,
} from './series.js';

/** As many as one call of a Function may take: Redis does nothing else meanwhile. */
const MOST_SAMPLES = 500;

/** Checks what comes in, remembers the specs, and leaves the rest to a backend. */
export class CheckedStore implements SeriesStore {
  readonly kind: StoreKind;
  private readonly known = new Map<string, { readonly spec: SeriesSpec; readonly text: string }>();
  /** Whether the latest `ensure` met a series too many. */
  private isFull = false;

  constructor(
    private readonly backend: Backend,
    private readonly catalogue: Catalogue,
    private readonly keys: SeriesKeys,
    /** Most series; 0: no limit. */
    private readonly most: number,
  ) {
    this.kind = backend.kind;
  }

  async ensure(specs: readonly SeriesSpec[]): Promise<void> {
    for (const spec of specs) checkSpec(spec);
    const news = specs.filter((spec) => this.known.get(spec.name)?.text !== JSON.stringify(spec));
    if (news.length === 0) return;
    for (const spec of news) {
      const lacking = await this.backend.lacks(spec);
      if (lacking) throw new RangeError(`the series ${spec.name}: ${lacking}`);
    }
    const refused = await this.catalogue.write(news, this.most);
    const kept = news.filter(({ name }) => !refused.has(name));
    await this.backend.create(kept);
    for (const spec of kept) this.known.set(spec.name, { spec, text: JSON.stringify(spec) });
    this.isFull = refused.size > 0;
  }

  examine(spec: SeriesSpec): Promise<string | undefined> {
    return this.backend.lacks(spec);
  }

  async add(samples: readonly Sample[]): Promise<SampleResult[]> {
    const results: (SampleResult | undefined)[] = samples.map((sample) => this.refusalOf(sample));
    const good = samples.flatMap((sample, index) => (results[index] ? [] : [{ sample, index }]));
    for (let start = 0; start < good.length; start += MOST_SAMPLES) {
      const part = good.slice(start, start + MOST_SAMPLES);
      const added = await this.backend.add(
        part.map(({ sample }) => sample),
        (series) => this.specOf(series),
      );
      part.forEach(({ index }, i) => {
        results[index] = added[i];
      });
    }
    return results as SampleResult[];
  }

  commandOf(samples: readonly Sample[]): SampleCommand | Rejection | undefined {
    for (const sample of samples) {
      const refusal = this.refusalOf(sample);
      if (refusal) return refusal;
    }
    return this.backend.commandOf(samples);
  }

  forget(): void {
    this.known.clear();
  }

  async range(ref: SeriesRef, fromMs: number, toMs: number, options: RangeOptions = {}): Promise<Point[]> {
    const { aggregate, limit = Number.POSITIVE_INFINITY } = options;
    if (aggregate) checkRollup(ref.series, aggregate);
    const [from, to] = [Math.max(0, Math.ceil(fromMs)), Math.floor(toMs)];
    if (!(from <= to && limit >= 1)) return [];
    const source = { key: this.keyOf(ref), retentionMs: ref.rollup ? 0 : await this.retentionOf(ref.series) };
    return this.backend.range(source, { fromMs: from, toMs: to, aggregate, limit });
  }

  latest(refs: readonly SeriesRef[]): Promise<(Point | null)[]> {
    return this.backend.latest(refs.map((ref) => this.keyOf(ref)));
  }

  find(labels: Readonly<Record<string, string>>): Promise<SeriesSpec[]> {
    return this.catalogue.find(labels);
  }

  keyOf(ref: SeriesRef): string {
    return this.keys.of(ref);
  }

  private refusalOf(sample: Sample): Rejection | undefined {
    if (this.known.has(sample.series)) return refusalOf(sample);
    if (this.isFull) {
      const detail = `the series ${sample.series} is new, but the limit of ${this.most} series is reached`;
      return rejected('too-many-series', detail);
    }
    return rejected('unknown-series', `the series ${sample.series} was never ensured`);
  }

  private specOf(series: string): SeriesSpec {
    return this.known.get(series)?.spec ?? { name: series };
  }

  /** A reader need not have ensured what it reads. */
  private async retentionOf(series: string): Promise<number> {
    const spec = this.known.get(series)?.spec ?? (await this.catalogue.read(series));
    return spec?.retentionMs ?? 0;
  }
}
