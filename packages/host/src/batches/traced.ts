import type { Reading, Tracing } from '../tracing/tracing.js';
import type { BatchMiddleware } from './batch-handler.js';

/** Makes the spans of each batch, hands them on, and ends them with what became of it. */
export const traced =
  (tracing: Tracing, reading: Reading): BatchMiddleware =>
  (next) =>
  async (batch, context) => {
    const spans = tracing.batch(batch.deliveries, reading);
    if (spans === undefined) return next(batch, context);
    try {
      const settled = await next(batch, { ...context, spans });
      spans.settled(settled.settlement, (delivery) => settled.outcomes.get(delivery));
      return settled;
    } catch (error) {
      spans.failed(error as Error);
      throw error;
    }
  };
