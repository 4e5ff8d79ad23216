import type { Logger } from '../logging/logging.js';
import { noTracing, type Tracing } from './tracing.js';
import { asksForTraces, propagates, type TracingConfig } from './tracing-config.js';

/** The tracing of a process. Without an endpoint nothing of OpenTelemetry is even loaded. */
export const openTracing = async (hop: string, config: TracingConfig, log: Logger): Promise<Tracing> => {
  if (!asksForTraces(config)) return noTracing(propagates(config));
  const { OtelTracing } = await import('./otel-tracing.js');
  return OtelTracing.open(hop, config, log);
};
