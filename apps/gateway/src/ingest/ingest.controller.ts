import type { AppendedIngest, IngestEntry, IngestSummary, Measurement, ProcessedIngest } from '@millrace/admin-api';
import { ApiKeys } from '@millrace/api-keys';
import { problem, RequestRefused } from '@millrace/host';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PublisherGuard } from '../access/publisher.guard.js';
import { UnboundKeyGuard } from '../access/unbound-key.guard.js';
import { Backpressure } from '../admission/backpressure.js';
import { RateLimits } from '../rate-limits/rate-limits.js';
import { IngestMetrics } from './ingest-metrics.js';
import { IngestStream } from './ingest-stream.js';
import { IngestWorker } from './ingest-worker.js';
import { flawOf, show } from './measurement.js';

const MOST_AT_ONCE = 1000;
const RECENT = 20;
/** A reading has two names of 256 characters and two values. */
const BODY_MAX_BYTES = 16_384;
const RETRY_AFTER_SECONDS = '2';
const CONSUMER = /^[\w.-]{1,128}$/;

const refused = (detail: string): RequestRefused => new RequestRefused(problem('bad-request', 400, detail));

const readJson = (body: unknown): unknown => {
  if (body instanceof Buffer && body.length > BODY_MAX_BYTES) {
    const detail = `The body is too large; it must be a JSON object of at most ${BODY_MAX_BYTES} bytes`;
    throw new RequestRefused(problem('too-large', 413, detail));
  }
  try {
    return JSON.parse(body instanceof Buffer ? body.toString('utf8') : '');
  } catch {
    throw refused('The body is not valid JSON; it must be a JSON object');
  }
};

const readCount = (name: string, value: unknown): number => {
  const count = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE) return count;
  throw refused(`${name} must be a whole number from 1 to ${MOST_AT_ONCE}, got ${show(value)}`);
};

const readMeasurement = (body: unknown): Measurement => {
  const value = readJson(body);
  const flaw = flawOf(value);
  if (flaw !== undefined) throw refused(flaw);
  const { source, metric, value: reading, occurredAt } = value as Measurement;
  return { source, metric, value: reading, occurredAt: occurredAt ?? new Date().toISOString() };
};

/** The measurements API: a stream, a worker that is called by hand, and what came of it. */
@Controller('api/ingest')
@UseGuards(PublisherGuard)
export class IngestController {
  constructor(
    @Inject(IngestStream) private readonly stream: IngestStream,
    @Inject(IngestWorker) private readonly worker: IngestWorker,
    @Inject(IngestMetrics) private readonly metrics: IngestMetrics,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(Backpressure) private readonly backpressure: Backpressure,
  ) {}

  @Post('events')
  @HttpCode(200)
  async append(@Body() body: unknown, @Req() { headers }: FastifyRequest): Promise<AppendedIngest> {
    const value = readMeasurement(body);
    const principal = this.keys.identify(headers);
    await this.limits.take(principal, 1);
    // A measurement has no type but its metric.
    const forbidden = principal.refusal({ source: value.source, type: value.metric });
    if (forbidden !== undefined) throw new RequestRefused(problem('forbidden', 403, forbidden));
    await this.backpressure.check();
    const id = await this.stream.append(value);
    if (id !== undefined) return { id, value };
    throw new RequestRefused(
      problem('backpressure', 429, 'The queue of measurements is full (INGEST_MAX_LENGTH); nothing was accepted'),
      {
        'retry-after': RETRY_AFTER_SECONDS,
      },
    );
  }

  @Post('workers/process')
  @HttpCode(200)
  @UseGuards(UnboundKeyGuard)
  process(@Body() body: unknown): Promise<ProcessedIngest> {
    const { consumer, count } = (readJson(body) ?? {}) as { consumer?: unknown; count?: unknown };
    if (typeof consumer !== 'string' || !CONSUMER.test(consumer)) {
      throw refused(`consumer must be 1 to 128 letters, digits, ".", "_" or "-", got ${show(consumer)}`);
    }
    return this.worker.process(consumer, readCount('count', count));
  }

  @Get('summary')
  @UseGuards(UnboundKeyGuard)
  async summary(): Promise<IngestSummary> {
    const [queue, metrics] = await Promise.all([this.stream.summary(), this.metrics.summary()]);
    return { queue, metrics };
  }

  @Get('events/recent')
  @UseGuards(UnboundKeyGuard)
  recent(@Query('limit') limit?: string): Promise<IngestEntry[]> {
    return this.stream.recent(limit === undefined ? RECENT : readCount('limit', limit));
  }
}
