import type { Delivery, Outcome } from '@millrace/streams';
import { type AboutDelivery, aboutDelivery } from '../logging/about-delivery.js';
import type { Logger } from '../logging/logging.js';
import type { Report } from './reported.js';

/** Logs each delivery that was dead-lettered, and, for who looks closer, each that is tried again. */
export const logFailures =
  (log: Logger): Report =>
  ({ settlement: { dead, parked }, outcomes }) => {
    for (const delivery of dead) log.warn(about(delivery, outcomes), 'dead-lettered');
    if (parked.length === 0 || !log.isLevelEnabled('debug')) return;
    for (const delivery of parked) log.debug(about(delivery, outcomes), 'delivery failed; retry scheduled');
  };

const about = (delivery: Delivery, outcomes: ReadonlyMap<Delivery, Outcome>): AboutDelivery => {
  const outcome = outcomes.get(delivery);
  return aboutDelivery(delivery, outcome !== undefined && 'cause' in outcome ? outcome.cause : undefined);
};
