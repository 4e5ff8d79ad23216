import { aboutDelivery, LOGGER, type Logger, Metrics, TRACING, type Tracing } from '@millrace/host';
import { Decisions, Transformer } from '@millrace/routes';
import type { Batch, Delivery, Outcome, Settlement } from '@millrace/streams';
import { BatchHandler } from '@millrace/streams-nest';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { routeBatch } from './route-batch.js';
import { RouterConfig } from './router-config.js';
import { Routes, type RoutesInForce } from './routes/routes.js';

/** Another router may have had a partition of which nothing came for so long, and may have other routes. */
const OTHERS_MAY_AFTER_MS = 3000;

/** Routes batches: one step forwards the copies and acknowledges. */
@Controller()
export class RouterController {
  private readonly routed;
  private readonly settled;
  /** By which routes each partition was routed last, as it is on record. */
  private readonly recorded = new Map<number, { readonly routes: RoutesInForce; readonly at: number }>();

  constructor(
    @Inject(Routes) private readonly routes: Routes,
    @Inject(Transformer) private readonly transformer: Transformer,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(TRACING) private readonly tracing: Tracing,
    @Inject(RouterConfig) private readonly config: RouterConfig,
    @Inject(Metrics) metrics: Metrics,
  ) {
    metrics.observe(
      'millrace_routes_version',
      'Version of the stored routes that are in force',
      () => this.routes.current.decider.version,
    );
    this.routed = metrics.counter('millrace_routed_total', 'Copies of events sent to each topic', ['topic']);
    this.settled = metrics.counter('millrace_deliveries_total', 'Deliveries by what became of them', [
      'hop',
      'topic',
      'outcome',
    ]);
  }

  @BatchHandler()
  async route(@Payload() batch: Batch): Promise<void> {
    const spans = this.tracing.batch(batch.deliveries, { group: this.config.GROUP });
    try {
      const routes = this.routes.current; // One version of the routes decides for the whole batch.
      const outcomeOf = await routeBatch(batch, routes.table, this.transformer);
      await this.recordDecider(batch, routes);
      const copies = new Map<string, number>();
      const settlement = await batch.settle((delivery) => {
        const outcome = outcomeOf(delivery);
        count(outcome, copies);
        return outcome;
      });
      spans?.settled(settlement, outcomeOf);
      this.report(batch, settlement, copies, outcomeOf);
    } catch (error) {
      spans?.failed(error as Error);
      throw error;
    }
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

  private report(
    batch: Batch,
    { stale, dead, parked }: Settlement,
    copies: ReadonlyMap<string, number>,
    outcomeOf: (delivery: Delivery) => Outcome,
  ): void {
    for (const [to, events] of copies) this.routed.inc({ topic: to.slice('topic:'.length) }, events);
    const done = (outcome: string, events: number) =>
      events > 0 && this.settled.inc({ hop: 'router', topic: 'in', outcome }, events);
    done('stale', stale.length);
    done('dead', dead.length);
    done('retried', parked.length);
    done('routed', batch.deliveries.length - stale.length - dead.length - parked.length);
    for (const delivery of dead) this.log.warn(aboutDelivery(delivery, causeOf(outcomeOf(delivery))), 'dead-lettered');
    if (parked.length === 0 || !this.log.isLevelEnabled('debug')) return;
    for (const delivery of parked) {
      this.log.debug(aboutDelivery(delivery, causeOf(outcomeOf(delivery))), 'delivery failed; retry scheduled');
    }
  }
}

const causeOf = (outcome: Outcome): Error | undefined => ('cause' in outcome ? outcome.cause : undefined);

const count = (outcome: Outcome, copies: Map<string, number>): void => {
  if (outcome.kind !== 'forward') return;
  for (const { to } of outcome.to) copies.set(to, (copies.get(to) ?? 0) + 1);
};
