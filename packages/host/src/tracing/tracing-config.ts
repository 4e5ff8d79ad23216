import { Flag, Items, Keyed, OneOf, Share, Text, Url, Whole } from '../config/variables.js';

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'] as const;

type Protocol = (typeof PROTOCOLS)[number];
type Compression = 'none' | 'gzip';

/**
 * What OpenTelemetry's specification calls its variables, as far as a process here has a use for them. Without an endpoint
 * or an exporter there are no traces.
 */
export class TracingConfig {
  @Flag()
  OTEL_SDK_DISABLED: boolean = false;

  @OneOf('otlp', 'none')
  OTEL_TRACES_EXPORTER?: 'otlp' | 'none';

  /** Of all signals; traces go to `v1/traces` below it. */
  @Url('http', 'https')
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** Where traces go, as it is. */
  @Url('http', 'https')
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  @Keyed('headers as name=value', true)
  OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>>;

  @Keyed('headers as name=value', true)
  OTEL_EXPORTER_OTLP_TRACES_HEADERS?: Readonly<Record<string, string>>;

  @OneOf(...PROTOCOLS)
  OTEL_EXPORTER_OTLP_PROTOCOL: Protocol = 'http/protobuf';

  @OneOf(...PROTOCOLS)
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?: Protocol;

  @OneOf('none', 'gzip')
  OTEL_EXPORTER_OTLP_COMPRESSION: Compression = 'none';

  @OneOf('none', 'gzip')
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION?: Compression;

  /** Milliseconds that one export may take. */
  @Whole(1, 600_000)
  OTEL_EXPORTER_OTLP_TIMEOUT: number = 10_000;

  @Whole(1, 600_000)
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT?: number;

  @Text('a name')
  OTEL_SERVICE_NAME?: string;

  @Keyed('attributes as name=value')
  OTEL_RESOURCE_ATTRIBUTES: Readonly<Record<string, string>> = {};

  @OneOf(...SAMPLERS, ...SAMPLERS.map((name) => `parentbased_${name}`))
  OTEL_TRACES_SAMPLER: string = 'parentbased_always_on';

  /** Of the samplers with a ratio. */
  @Share()
  OTEL_TRACES_SAMPLER_ARG: number = 1;

  /** Baggage is taken and not carried: nobody here would read it. */
  @Items('tracecontext, baggage or none', (name) =>
    ['tracecontext', 'baggage', 'none'].includes(name) ? name : undefined,
  )
  OTEL_PROPAGATORS: readonly string[] = ['tracecontext', 'baggage'];

  /** Milliseconds between two exports. */
  @Whole(1, 600_000)
  OTEL_BSP_SCHEDULE_DELAY: number = 5000;

  @Whole(1, 600_000)
  OTEL_BSP_EXPORT_TIMEOUT: number = 30_000;

  /** Spans that may wait; those beyond are dropped. */
  @Whole(1, 1_000_000)
  OTEL_BSP_MAX_QUEUE_SIZE: number = 2048;

  @Whole(1, 1_000_000)
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: number = 512;
}

/** Whether a configuration asks for spans. */
export const asksForTraces = (config: TracingConfig): boolean => {
  if (config.OTEL_SDK_DISABLED || config.OTEL_TRACES_EXPORTER === 'none') return false;
  return (
    config.OTEL_TRACES_EXPORTER === 'otlp' ||
    config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined ||
    config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined
  );
};

/** Whether trace contexts are taken from requests and sent with them. */
export const propagates = ({ OTEL_PROPAGATORS }: TracingConfig): boolean => OTEL_PROPAGATORS.includes('tracecontext');
