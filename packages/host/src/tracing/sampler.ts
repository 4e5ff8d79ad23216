import { type Attributes, type Context, type Link, type SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from './tracing-config.js';

const PARENT_BASED = 'parentbased_';

const isSampled = ({ context: { traceFlags } }: Link): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;

/** What several traces have in common belongs to none of them, and is kept where one of them is. */
class LinkedSampler implements Sampler {
  constructor(private readonly others: Sampler) {}

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    if (trace.getSpanContext(context) === undefined && links.some(isSampled)) {
      return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    }
    return this.others.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `Linked{${this.others}}`;
  }
}

const plainSampler = (name: string, share: number): Sampler => {
  if (name === 'always_on') return new AlwaysOnSampler();
  return name === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(share);
};

/** The sampler of `OTEL_TRACES_SAMPLER`. */
export const samplerOf = ({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: TracingConfig): Sampler => {
  const root = plainSampler(OTEL_TRACES_SAMPLER.replace(PARENT_BASED, ''), OTEL_TRACES_SAMPLER_ARG);
  return new LinkedSampler(OTEL_TRACES_SAMPLER.startsWith(PARENT_BASED) ? new ParentBasedSampler({ root }) : root);
};
