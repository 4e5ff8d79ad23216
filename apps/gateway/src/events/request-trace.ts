import { type Decoded, type TraceContext, traceContext } from '@millrace/events';
import type { PublishSpans, RequestSpan, SpanAttributes, Tracing } from '@millrace/host';
import { INBOX } from '@millrace/streams';
import type { FastifyRequest } from 'fastify';

const nothing = (): void => undefined;

/**
 * What a request has to do with traces: the context in its headers, and a span where tracing is on. There is none for a
 * request that has neither, and then nothing is asked of its events.
 */
export class RequestTrace {
  private constructor(
    private readonly carried: TraceContext | undefined,
    private readonly span: RequestSpan | undefined,
  ) {}

  static of(tracing: Tracing, { method, headers, protocol, routeOptions }: FastifyRequest): RequestTrace | undefined {
    const context = tracing.propagates ? traceContext(headers['traceparent'], headers['tracestate']) : undefined;
    const route = routeOptions.url ?? '';
    const span = tracing.request({ method, route, scheme: protocol, context });
    return context === undefined && span === undefined ? undefined : new RequestTrace(context, span);
  }

  /**
   * Begins the publication of a part of the request. The events that bring no trace of their own get the context of the
   * span; where there is no span, the one event of a request gets that of the header.
   */
  publish(decoded: readonly Decoded[], isBatch: boolean): PublishSpans {
    const carried = isBatch ? undefined : this.carried;
    if (this.span === undefined) return { context: carried, end: nothing };
    const { context = carried, end } = this.span.publish(
      INBOX,
      decoded.flatMap((one) => (one.ok ? [one.event.json] : [])),
    );
    return { context, end };
  }

  end(status: number, attributes?: SpanAttributes): void {
    this.span?.end(status, attributes);
  }
}
