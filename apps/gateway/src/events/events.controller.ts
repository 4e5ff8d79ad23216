import type { Readable } from 'node:stream';
import type { EventResult, Problem } from '@millrace/admin-api';
import { ApiKeys, type Principal } from '@millrace/api-keys';
import {
  type Decoded,
  type DecodeOptions,
  digestOf,
  NdjsonDecoder,
  parseIdempotencyKey,
  refuseRepeatedHeaders,
  scanRequest,
  timeOrderedId,
  type Undecoded,
} from '@millrace/events';
import {
  LOGGER,
  type Logger,
  Pace,
  PROBLEM_JSON,
  problem,
  RequestRefused,
  TRACING,
  type Tracing,
} from '@millrace/host';
import { Unavailable } from '@millrace/streams';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from '../admission/admission.js';
import { Backpressure } from '../admission/backpressure.js';
import { EventsInHand } from '../admission/events-in-hand.js';
import { GatewayConfig } from '../gateway-config.js';
import { GatewayMetrics } from '../gateway-metrics.js';
import { problemOf } from '../problem.js';
import { RateLimits } from '../rate-limits/rate-limits.js';
import { MOST_REJECTED, Tally } from './answer.js';
import { Intake, type Sender } from './intake.js';
import { RequestTrace } from './request-trace.js';

const RETRY_AFTER_SECONDS = '2';
/** What proxies note where the client did not wait for an answer. */
const CLIENT_CLOSED = 499;

/** A compressed body may be a bomb, and is refused before it is opened. */
const refuseEncoded = (encoding: string | undefined): void => {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new RequestRefused(
    problem(
      'unsupported-encoding',
      415,
      `Content-Encoding ${encoding.slice(0, 60)} is not supported; send the body uncompressed`,
    ),
  );
};

const OWNER_LENGTH = 8;
/** Events of all requests that are decoded at once: five of the largest batches. */
const MOST_IN_HAND = 50_000;

/** `POST /v1/events`: takes events in every form of the CloudEvents HTTP binding, plain JSON and NDJSON. */
@Controller('v1/events')
export class EventsController {
  private readonly inHand = new EventsInHand(MOST_IN_HAND);

  constructor(
    @Inject(GatewayConfig) private readonly config: GatewayConfig,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Admission) private readonly admission: Admission,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(Backpressure) private readonly backpressure: Backpressure,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {}

  @Post()
  async take(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const tally = new Tally();
    const trace = RequestTrace.of(this.tracing, request);
    try {
      await this.fill(tally, request, reply, trace);
      const { status, body } = tally.answer();
      this.done(status, tally, trace);
      if (status === 202) await reply.code(202).send(body);
      else await this.refuse(reply, body as Problem);
    } catch (error) {
      // A client that is gone gets no answer; what was accepted stays accepted, and its retry is a duplicate.
      if (request.raw.destroyed && !request.raw.complete) return trace?.end(CLIENT_CLOSED);
      const { problem: told, headers } = problemOf(error);
      if (told.status === 500) this.log.error({ err: error }, 'a request failed');
      this.done(told.status, tally, trace);
      await this.refuse(reply.headers(headers), told);
    }
  }

  private done(status: number, tally: Tally, trace: RequestTrace | undefined): void {
    this.metrics.count(status, tally);
    trace?.end(status, {
      'millrace.events.accepted': tally.accepted,
      'millrace.events.duplicate': tally.duplicates,
      'millrace.events.rejected': tally.rejected,
    });
  }

  private async refuse(reply: FastifyReply, told: Problem): Promise<void> {
    if (told.retryable === true && !reply.hasHeader('retry-after'))
      void reply.header('retry-after', RETRY_AFTER_SECONDS);
    await reply.code(told.status).type(PROBLEM_JSON).send(JSON.stringify(told));
  }

  private async fill(
    tally: Tally,
    request: FastifyRequest,
    reply: FastifyReply,
    trace: RequestTrace | undefined,
  ): Promise<void> {
    const { principal } = this.admission.of(request);
    refuseEncoded(request.headers['content-encoding']);
    refuseRepeatedHeaders(request.raw.rawHeaders);
    const idempotencyKey = parseIdempotencyKey(request.headers['idempotency-key']);
    const sender: Sender = { principal, idempotencyKey, trace };
    await this.backpressure.check();
    const options = this.options(idempotencyKey, principal);
    if (request.body instanceof Buffer || request.body === undefined || request.body === null) {
      const body = (request.body as Buffer | null) ?? Buffer.alloc(0);
      tally.received(body.length);
      const events = scanRequest(request.headers, body, options);
      // Events that are over the limit are not decoded.
      void reply.headers(await this.limits.take(principal, events.count));
      this.note(
        await this.inHand.take(events.count, async () => this.intake.take(await decodedIn(events), sender)),
        tally,
      );
    } else {
      await this.takeLines(request, new NdjsonDecoder(options, request.headers), sender, tally);
    }
  }

  private async takeLines(
    request: FastifyRequest,
    decoder: NdjsonDecoder,
    sender: Sender,
    tally: Tally,
  ): Promise<void> {
    const { headers } = request;
    const { body } = this.admission.of(request);
    let refusal: unknown;
    const take = async (events: Undecoded): Promise<void> => {
      if (events.count === 0) return;
      const before = tally.total;
      try {
        if (refusal === undefined && tally.total > 0) {
          this.keys.admit(headers, 'publish'); // A request may be longer than its key lives.
          await this.backpressure.check();
        }
        if (refusal === undefined) return await this.takeSome(events, sender, tally);
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof RequestRefused)) throw error;
        refusal = error; // What was accepted stays accepted; the rest of the request is told to come again.
      }
      tally.refuse(events.count - (tally.total - before), problemOf(refusal).problem);
    };
    const pace = new Pace();
    for await (const chunk of request.body as Readable) {
      if (pace.isDue) await pace.rest();
      tally.received((chunk as Buffer).length);
      await take(decoder.push(chunk as Buffer));
      try {
        body.hold(decoder.heldBytes);
      } catch (error) {
        refusal ??= error;
        await take(decoder.dropLine());
        body.hold(0);
      }
    }
    await take(decoder.end());
    if (tally.total === 0) throw new RequestRefused(problem('no-events', 422, 'The request has no events'));
  }

  /** Bad events count against the limit as good ones do. */
  private async takeSome(events: Undecoded, sender: Sender, tally: Tally): Promise<void> {
    await this.limits.take(sender.principal, events.count);
    const results = await this.inHand.take(events.count, async () => {
      const decoded = await decodedIn(events, tally.excess);
      return decoded.length === 0 ? [] : this.intake.take(decoded, sender, tally.total, true);
    });
    this.note(results, tally);
    if (results.length < events.count) throw tooManyRejected();
  }

  private note(results: readonly EventResult[], tally: Tally): void {
    tally.add(results);
    this.backpressure.accepted(results.filter(({ status }) => status === 'accepted').length);
  }

  private options(idempotencyKey: string | undefined, principal: Principal): DecodeOptions {
    return {
      defaultSource: this.config.DEFAULT_SOURCE,
      now: () => new Date(),
      newId: timeOrderedId,
      maxEvents: this.config.BATCH_MAX_EVENTS,
      maxEventBytes: this.config.EVENT_MAX_BYTES,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey, keyOwner: ownerOf(principal) }),
    };
  }
}

/** All parts; between them others have their turn. */
const decodedIn = async (events: Undecoded, excess?: number): Promise<readonly Decoded[]> => {
  const all: Decoded[] = [];
  const pace = new Pace();
  for (const part of events.decode(excess)) {
    if (events.count === 1) return part;
    all.push(...part);
    if (pace.isDue) await pace.rest();
  }
  return all;
};

/** A short name that tells nobody which API key it is; none where no key is asked for. */
const ownerOf = ({ id }: Principal): string | undefined =>
  id === '' ? undefined : digestOf(`owner\n${id}`).slice(0, OWNER_LENGTH);

const tooManyRejected = (): RequestRefused =>
  new RequestRefused(
    problem(
      'too-many-rejected',
      422,
      `The rejected events outnumber the others by more than ${MOST_REJECTED}; the rest of the stream was not read`,
    ),
  );
