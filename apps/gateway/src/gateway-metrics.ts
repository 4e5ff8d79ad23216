import { Metrics } from '@millrace/host';
import { Inject, Injectable } from '@nestjs/common';
import { Backpressure } from './admission/backpressure.js';
import type { Totals } from './events/answer.js';

/** What the gateway counts, once a request. */
@Injectable()
export class GatewayMetrics {
  private readonly requests;
  private readonly events;

  constructor(@Inject(Metrics) metrics: Metrics, @Inject(Backpressure) backpressure: Backpressure) {
    this.requests = metrics.counter('millrace_requests_total', 'Requests with events, by status', ['status']);
    this.events = metrics.counter('millrace_events_total', 'Events by outcome', ['result']);
    metrics.observe('millrace_router_lag', 'Backlog of the router in events, as last read', () => backpressure.lag);
  }

  count(status: number, { accepted, duplicates, rejected }: Totals): void {
    this.requests.inc({ status });
    if (accepted > 0) this.events.inc({ result: 'accepted' }, accepted);
    if (duplicates > 0) this.events.inc({ result: 'duplicate' }, duplicates);
    if (rejected > 0) this.events.inc({ result: 'rejected' }, rejected);
  }
}
