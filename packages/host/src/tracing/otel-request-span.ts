import { isSampledTrace, type TraceContext, traceContextOf, traceIdOf } from '@millrace/events';
import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { messaging } from './messaging.js';
import { childOf, errorType, spanContextOf, traceContextOfSpan } from './span-context.js';
import type { PublishSpans, RequestSpan, RequestStart, SpanAttributes } from './tracing.js';

/** Traced events by the context that they bring, and how many bring none. */
interface Published {
  plain: number;
  readonly own: Map<string, { readonly context: TraceContext; events: number }>;
}

const publishedOf = (events: readonly string[]): Published => {
  const published: Published = { plain: 0, own: new Map() };
  for (const json of events) {
    const context = traceContextOf(json);
    if (context === undefined) published.plain += 1;
    else if (isSampledTrace(context)) {
      const known = published.own.get(context.traceparent);
      if (known === undefined) published.own.set(context.traceparent, { context, events: 1 });
      else known.events += 1;
    }
  }
  return published;
};

/** The span of one request, and of what it publishes. */
export class OtelRequestSpan implements RequestSpan {
  private readonly startTime = Date.now();
  private span: Span | undefined;

  constructor(
    private readonly tracer: Tracer,
    private readonly start: RequestStart,
  ) {}

  publish(stream: string, events: readonly string[]): PublishSpans {
    const { plain, own } = publishedOf(events);
    const [only] = own.values();
    // A request of one event that only the event says the trace of is of that trace.
    const server = this.begin(events.length === 1 ? only?.context : undefined);
    const spans: Span[] = [];
    let context: TraceContext | undefined;
    if (plain > 0 && server.isRecording()) {
      const span = this.publishSpan(stream, plain, server);
      context = traceContextOfSpan(span);
      spans.push(span);
    }
    for (const one of own.values()) spans.push(this.publishSpan(stream, one.events, server, one.context));
    return { context, end: (error) => end(spans, error) };
  }

  end(status: number, attributes: SpanAttributes = {}): void {
    const span = this.begin(undefined);
    span.setAttributes({ 'http.response.status_code': status, ...(attributes as Attributes) });
    // A refusal is the client's error, not the server's; see the conventions for HTTP.
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status));
    span.end();
  }

  private begin(own: TraceContext | undefined): Span {
    const { method, route, scheme, context = own } = this.start;
    this.span ??= this.tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        startTime: this.startTime,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'url.path': route,
          'url.scheme': scheme,
        },
      },
      childOf(context === undefined ? undefined : spanContextOf(context)),
    );
    return this.span;
  }

  /** Of the request, or of the trace that the events bring, with a link to the request. */
  private publishSpan(stream: string, events: number, server: Span, own?: TraceContext): Span {
    const request = server.spanContext();
    const isOther = own !== undefined && !(server.isRecording() && traceIdOf(own) === request.traceId);
    return this.tracer.startSpan(
      `publish ${stream}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          ...messaging('publish', stream),
          ...(events === 1 ? {} : { 'messaging.batch.message_count': events }),
        },
        links: isOther && server.isRecording() ? [{ context: request }] : [],
      },
      childOf(isOther ? spanContextOf(own) : request),
    );
  }
}

const end = (spans: readonly Span[], error: Error | undefined): void => {
  for (const span of spans) {
    if (error !== undefined)
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', errorType(error));
    span.end();
  }
};
