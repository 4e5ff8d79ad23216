import { isSampledTrace, type TraceContext, traceIdOf } from '@millrace/events';
import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/** A trace context as OpenTelemetry has it. */
export const spanContextOf = (context: TraceContext): SpanContext => ({
  traceId: traceIdOf(context),
  spanId: context.traceparent.slice(36, 52),
  traceFlags: isSampledTrace(context) ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote: true,
  ...(context.tracestate === undefined ? {} : { traceState: createTraceState(context.tracestate) }),
});

/** The context whose spans are children of this one. */
export const childOf = (parent: SpanContext | undefined): Context =>
  parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

/** What is written into an event or sent in a header. */
export const traceContextOfSpan = (span: Span): TraceContext => {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  const flags = (traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01';
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate ? { tracestate } : {}) };
};

/** `Class` of what went wrong. Its message may quote an event, and stays out of spans. */
export const errorType = (error: Error): string => error.name || error.constructor.name;
