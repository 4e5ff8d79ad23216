import { hostname } from 'node:os';
import type { Delivery } from '@millrace/streams';
import type { Tracer } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logging/logging.js';
import { VERSION } from '../version.js';
import { OtelBatchSpans } from './otel-batch-spans.js';
import { OtelRequestSpan } from './otel-request-span.js';
import { samplerOf } from './sampler.js';
import { TellingExporter } from './telling-exporter.js';
import type { BatchSpans, Reading, RequestSpan, RequestStart, Tracing } from './tracing.js';
import { propagates, type TracingConfig } from './tracing-config.js';

const CLOSE_WITHIN_MS = 2000;
const LOCAL = 'http://localhost:4318';

const endpointOf = ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT }: TracingConfig): string =>
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? `${(OTEL_EXPORTER_OTLP_ENDPOINT ?? LOCAL).replace(/\/$/, '')}/v1/traces`;

const exporterOf = (config: TracingConfig, url: string): SpanExporter => {
  const protocol = config.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? config.OTEL_EXPORTER_OTLP_PROTOCOL;
  const compression = config.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? config.OTEL_EXPORTER_OTLP_COMPRESSION;
  const options = {
    url,
    headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS, ...config.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMillis: config.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? config.OTEL_EXPORTER_OTLP_TIMEOUT,
    compression: compression as never, // The enum has these very texts, and is not exported by the exporters.
  };
  return protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options);
};

/** Host, process and start make an instance, as they make a consumer's name. */
const resourceOf = (hop: string, config: TracingConfig) =>
  defaultResource().merge(
    resourceFromAttributes({
      'service.name': `millrace-${hop}`,
      'service.version': VERSION,
      'service.instance.id': `${hostname()}-${process.pid}`,
      ...config.OTEL_RESOURCE_ATTRIBUTES,
      ...(config.OTEL_SERVICE_NAME === undefined ? {} : { 'service.name': config.OTEL_SERVICE_NAME }),
    }),
  );

/** Spans that are sent by OTLP over HTTP. */
export class OtelTracing implements Tracing {
  private readonly tracer: Tracer;

  private constructor(
    private readonly provider: TracerProvider,
    readonly propagates: boolean,
  ) {
    this.tracer = provider.getTracer('millrace', VERSION);
  }

  static open(hop: string, config: TracingConfig, log: Logger): OtelTracing {
    const url = endpointOf(config);
    // Path and query of it may hold a key.
    const exporter = new TellingExporter(exporterOf(config, url), new URL(url).origin, log);
    setGlobalErrorHandler(() => undefined); // The exporter has reported it.
    const processor = new BatchSpanProcessor({
      exporter,
      scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: config.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueueSize: config.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, config.OTEL_BSP_MAX_QUEUE_SIZE),
    });
    const provider = new TracerProvider({
      resource: resourceOf(hop, config),
      sampler: samplerOf(config),
      spanProcessors: [processor],
    });
    log.info(`exporting traces to ${new URL(url).origin}`);
    return new OtelTracing(provider, propagates(config));
  }

  request(start: RequestStart): RequestSpan {
    return new OtelRequestSpan(this.tracer, start);
  }

  batch(deliveries: readonly Delivery[], reading: Reading): BatchSpans | undefined {
    return OtelBatchSpans.of(this.tracer, deliveries, reading);
  }

  async close(): Promise<void> {
    let enough: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      enough = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([this.provider.shutdown().catch(() => undefined), late]);
    clearTimeout(enough);
  }
}
