import { countDeliveries, type Logger, logFailures, type Metrics, type Report, succeededOf } from '@millrace/host';
import type { RedisTransport } from '@millrace/streams/redis';
import { EndToEnd } from './end-to-end.js';
import { timeDeliveries } from './time-deliveries.js';

/** What is counted, measured and logged of deliveries to a target. */
export const deliveryReports = (hop: string, log: Logger, metrics: Metrics, transport: RedisTransport): Report[] => {
  const endToEnd = new EndToEnd(hop, transport.streams, metrics);
  return [
    countDeliveries(metrics, { hop, success: 'delivered' }),
    timeDeliveries(metrics, hop),
    (settled) => endToEnd.report(succeededOf(settled), settled.label),
    logFailures(log),
  ];
};

/** The same of those that go on to other streams. */
export const forwardReports = (hop: string, log: Logger, metrics: Metrics): Report[] => [
  countDeliveries(metrics, { hop, success: 'forwarded' }),
  timeDeliveries(metrics, hop),
  logFailures(log),
];
