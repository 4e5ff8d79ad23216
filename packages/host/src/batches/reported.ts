import type { BatchMiddleware, SettledBatch } from './batch-handler.js';

/** Told what became of deliveries that were settled together. It must not throw: they are settled. */
export type Report = (settled: SettledBatch) => void;

/** Tells what became of each batch. */
export const reported =
  (...reports: readonly Report[]): BatchMiddleware =>
  (next) =>
  async (batch, context) => {
    const settled = await next(batch, context);
    for (const report of reports) report(settled);
    return settled;
  };
