import { isSampledTrace, type TraceContext, traceContextOf } from '@millrace/events';
import type { Delivery, Outcome, Settlement } from '@millrace/streams';
import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { eventAttributes, messaging } from './messaging.js';
import { childOf, errorType, spanContextOf, traceContextOfSpan } from './span-context.js';
import type { BatchSpans, CallSpan, Reading, SpanAttributes } from './tracing.js';

/** Deliveries of a batch whose events came with one trace context: those of one request, or one alone. */
interface Traced {
  readonly context: TraceContext;
  readonly deliveries: Delivery[];
}

/** A link costs a hundred bytes, and nobody follows more of them. */
const MOST_LINKS = 128;
const MOST_TOLD = 32;

/** Traced deliveries by stream and context; of most batches, none. */
const tracedOf = (deliveries: readonly Delivery[]): ReadonlyMap<string, Traced> | undefined => {
  let found: Map<string, Traced> | undefined;
  for (const delivery of deliveries) {
    const context = traceContextOf(delivery.event.json);
    if (context === undefined || !isSampledTrace(context)) continue;
    found ??= new Map();
    const key = keyOf(delivery, context);
    const known = found.get(key);
    if (known === undefined) found.set(key, { context, deliveries: [delivery] });
    else known.deliveries.push(delivery);
  }
  return found;
};

const keyOf = ({ stream }: Delivery, { traceparent }: TraceContext): string => `${traceparent} ${stream}`;

/** The spans of a batch. Many events of one request are one span: what they cost follows requests and batches, not events. */
export class OtelBatchSpans implements BatchSpans {
  private isOver = false;

  private constructor(
    private readonly tracer: Tracer,
    private readonly spans: ReadonlyMap<Span, Traced>,
    /** Where the batch is of several traces: what they have in common. */
    private readonly whole: Span | undefined,
  ) {}

  static of(tracer: Tracer, deliveries: readonly Delivery[], reading: Reading): OtelBatchSpans | undefined {
    const traced = tracedOf(deliveries);
    if (traced === undefined) return undefined;
    const spans = new Map<Span, Traced>();
    for (const one of traced.values()) {
      const span = processSpan(tracer, one, reading);
      if (span.isRecording()) spans.set(span, one);
    }
    if (spans.size === 0) return undefined;
    return new OtelBatchSpans(tracer, spans, wholeSpan(tracer, [...spans.keys()], deliveries, reading));
  }

  call(name: string, attributes: SpanAttributes): CallSpan {
    const [first] = this.spans.keys();
    const parent = this.whole ?? (first as Span);
    const span = this.tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, attributes: attributes as Attributes },
      childOf(parent.spanContext()),
    );
    return {
      context: traceContextOfSpan(span),
      end: (error, more) => {
        if (more !== undefined) span.setAttributes(more as Attributes);
        end(span, error);
      },
    };
  }

  settled({ stale, parked, dead }: Settlement, outcomeOf: (delivery: Delivery) => Outcome | undefined): void {
    if (this.isOver) return;
    const failures = new Map<Delivery, string>();
    for (const delivery of stale) failures.set(delivery, 'stale');
    for (const delivery of parked) failures.set(delivery, 'retry');
    for (const delivery of dead) failures.set(delivery, 'dead_letter');
    for (const [span, { deliveries }] of this.spans) {
      if (deliveries.length === 1) tellOne(span, deliveries[0] as Delivery, failures, outcomeOf);
      else tellMany(span, deliveries, failures, outcomeOf);
    }
    this.over();
  }

  failed(error: Error): void {
    if (this.isOver) return;
    this.over(error);
  }

  private over(error?: Error): void {
    this.isOver = true;
    for (const span of this.spans.keys()) end(span, error);
    if (this.whole !== undefined) end(this.whole, error);
  }
}

const processSpan = (tracer: Tracer, { context, deliveries }: Traced, reading: Reading): Span => {
  const [{ partition, position, attempt, event, ...first }] = deliveries as [Delivery];
  const { group, stream = first.stream } = reading;
  const isOne = deliveries.length === 1;
  const attributes = {
    ...messaging('process', stream),
    'messaging.destination.partition.id': String(partition),
    'messaging.consumer.group.name': group,
    ...(isOne
      ? { 'messaging.message.id': position, ...eventAttributes(event.json), 'millrace.attempt': attempt }
      : { 'messaging.batch.message_count': deliveries.length }),
  };
  return tracer.startSpan(
    `process ${stream}`,
    { kind: SpanKind.CONSUMER, attributes },
    childOf(spanContextOf(context)),
  );
};

/** One span of the batch, and links both ways. Events that are not traced count in it too. */
const wholeSpan = (
  tracer: Tracer,
  spans: readonly Span[],
  deliveries: readonly Delivery[],
  reading: Reading,
): Span | undefined => {
  if (spans.length === 1) return undefined;
  const [{ partition, ...first }] = deliveries as [Delivery];
  const { group, stream = first.stream } = reading;
  const attributes = {
    ...messaging('receive', stream),
    'messaging.destination.partition.id': String(partition),
    'messaging.consumer.group.name': group,
    'messaging.batch.message_count': deliveries.length,
  };
  const links = spans.slice(0, MOST_LINKS).map((span) => ({ context: span.spanContext() }));
  const whole = tracer.startSpan(`receive ${stream}`, { kind: SpanKind.CLIENT, attributes, links }, childOf(undefined));
  for (const span of spans) span.addLink({ context: whole.spanContext() });
  return whole;
};

type OutcomeOf = (delivery: Delivery) => Outcome | undefined;

const tellOne = (
  span: Span,
  delivery: Delivery,
  failures: ReadonlyMap<Delivery, string>,
  outcomeOf: OutcomeOf,
): void => {
  const failure = failures.get(delivery);
  const outcome = outcomeOf(delivery);
  span.setAttribute('millrace.outcome', failure ?? outcome?.kind ?? 'ack');
  if (outcome?.kind === 'forward' && failure === undefined) {
    span.setAttribute(
      'millrace.forwarded_to',
      outcome.to.map(({ to }) => to),
    );
  }
  if (failure !== undefined) tellFailure(span, delivery, failure, outcome, {});
};

const tellMany = (
  span: Span,
  deliveries: readonly Delivery[],
  failures: ReadonlyMap<Delivery, string>,
  outcomeOf: OutcomeOf,
): void => {
  const failed = failures.size === 0 ? [] : deliveries.filter((delivery) => failures.has(delivery));
  span.setAttribute('millrace.failed_count', failed.length);
  for (const delivery of failed.slice(0, MOST_TOLD)) {
    tellFailure(
      span,
      delivery,
      failures.get(delivery) as string,
      outcomeOf(delivery),
      eventAttributes(delivery.event.json),
    );
  }
};

/** An event of the span: what became of the delivery and the class of its error. */
const tellFailure = (
  span: Span,
  delivery: Delivery,
  failure: string,
  outcome: Outcome | undefined,
  more: Attributes,
): void => {
  const type = outcome !== undefined && 'cause' in outcome ? errorType(outcome.cause) : failure;
  span.addEvent(`millrace.${failure}`, {
    'messaging.message.id': delivery.position,
    'millrace.attempt': delivery.attempt,
    'error.type': type,
    ...more,
  });
  if (failure === 'stale') return; // Another client delivered it.
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const end = (span: Span, error: Error | undefined): void => {
  if (error !== undefined) {
    span.setAttribute('error.type', errorType(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
};
