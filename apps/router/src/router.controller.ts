import {
  batchHandler,
  countDeliveries,
  LOGGER,
  type Logger,
  logFailures,
  Metrics,
  reported,
  TRACING,
  type Tracing,
  traced,
} from '@millrace/host';
import { Decisions, Transformer } from '@millrace/routes';
import { type Batch, type Delivery, INBOX, type Outcome } from '@millrace/streams';
import { BatchHandler } from '@millrace/streams-nest';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { countCopies } from './count-copies.js';
import { routeBatch } from './route-batch.js';
import { RouterConfig } from './router-config.js';
import { Routes, type RoutesInForce } from './routes/routes.js';

/** Another router may have had a partition of which nothing came for so long, and may have other routes. */
const OTHERS_MAY_AFTER_MS = 3000;

/** Routes batches: one step forwards the copies and acknowledges. */
@Controller()
export class RouterController {
  private readonly handle;
  /** By which routes each partition was routed last, as it is on record. */
  private readonly recorded = new Map<number, { readonly routes: RoutesInForce; readonly at: number }>();

  constructor(
    @Inject(Routes) private readonly routes: Routes,
    @Inject(Transformer) private readonly transformer: Transformer,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(LOGGER) log: Logger,
    @Inject(TRACING) tracing: Tracing,
    @Inject(RouterConfig) { GROUP: group }: RouterConfig,
    @Inject(Metrics) metrics: Metrics,
  ) {
    metrics.observe(
      'millrace_routes_version',
      'Live version of the stored routes',
      () => this.routes.current.decider.version,
    );
    const countIn = countDeliveries(metrics, { hop: 'router', success: 'routed' });
    this.handle = batchHandler(
      (batch) => this.decide(batch),
      [
        traced(tracing, { group }),
        // What is routed again came from a topic, and is counted with the rest.
        reported(countCopies(metrics), (settled) => countIn({ ...settled, label: INBOX }), logFailures(log)),
      ],
    );
  }

  @BatchHandler()
  async route(@Payload() batch: Batch): Promise<void> {
    await this.handle(batch);
  }

  private async decide(batch: Batch): Promise<ReadonlyMap<Delivery, Outcome>> {
    const routes = this.routes.current; // One version of the routes decides for the whole batch.
    const outcomes = await routeBatch(batch, routes.table, this.transformer);
    await this.recordDecider(batch, routes);
    return outcomes;
  }

  private async recordDecider({ deliveries }: Batch, routes: RoutesInForce): Promise<void> {
    const partition = deliveries[0]?.partition;
    if (partition === undefined) return;
    const before = this.recorded.get(partition);
    const now = performance.now();
    if (before?.routes !== routes || now - before.at > OTHERS_MAY_AFTER_MS) {
      await this.decisions.record(partition, routes.decider);
    }
    this.recorded.set(partition, { routes, at: now });
  }
}
