import { Controller, Get, Header, Inject, Injectable } from '@nestjs/common';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { VERSION } from '../version.js';
import { BatchHistogram } from './batch-histogram.js';

/** The value of a gauge for one set of labels. */
export type Sample<L extends string> = readonly [labels: Readonly<Record<L, string>>, value: number];

/** The numbers of a process, in one registry. Asked for a name twice, it gives the same metric twice. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** With the name of the process it also says which version runs, as `millrace_build_info`. */
  constructor(hop?: string) {
    collectDefaultMetrics({ register: this.registry });
    if (hop === undefined) return;
    this.gauge('millrace_build_info', 'Always 1; its labels name the running version', ['hop', 'version']).set(
      { hop, version: VERSION },
      1,
    );
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return this.known<Counter<L>>(name) ?? new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return this.known<Gauge<L>>(name) ?? new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** A gauge that is asked for its value when it is read. */
  observe(name: string, help: string, value: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(value()),
    });
  }

  /** A gauge that is asked for all its samples when it is read; what is not among them is gone. `samples` does not reject. */
  collect<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    samples: () => readonly Sample<L>[] | Promise<readonly Sample<L>[]>,
  ): void {
    const gauge: Gauge<L> = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: async () => {
        const now = await samples();
        gauge.reset();
        for (const [labels, value] of now) gauge.set(labels as Record<L, string>, value);
      },
    });
  }

  /** A histogram that takes many at once. Bounds rise, in the unit that the name ends in. */
  batchHistogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    bounds: readonly number[],
  ): BatchHistogram<L> {
    const known = this.known<BatchHistogram<L>>(name);
    if (known !== undefined) return known;
    const histogram = new BatchHistogram(name, help, labelNames, bounds);
    this.registry.registerMetric(histogram as unknown as Metric);
    return histogram;
  }

  /** Buckets in seconds. */
  histogram<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Histogram<L> {
    const buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
    return (
      this.known<Histogram<L>>(name) ?? new Histogram({ name, help, labelNames, buckets, registers: [this.registry] })
    );
  }

  private known<M>(name: string): M | undefined {
    return this.registry.getSingleMetric(name) as M | undefined;
  }
}

/** `/metrics` in the text format of Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
