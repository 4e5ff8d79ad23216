import { setTimeout as pause } from 'node:timers/promises';
import type { BatchSpans } from '@millrace/host';
import {
  type Batch,
  type Consumer,
  type Delivery,
  monotonicMs,
  type Partitioning,
  PermanentError,
  serveBatches,
  servePartitions,
  sharedAbort,
  Unavailable,
} from '@millrace/streams';
import type { EndpointClient } from '../http/endpoint-client.js';
import { EndpointGone, Overloaded, Unreachable } from '../http/verdict.js';
import type { Breaker } from './breaker.js';
import { DeliveryRound, type RoundOptions } from './delivery-round.js';
import type { EndpointStatus } from './endpoint-status.js';
import type { EndpointSupervisor } from './endpoint-supervisor.js';
import type { Rate } from './rate.js';

/** What a delivery is made of. */
export interface DeliveryParts {
  readonly partitions: Partitioning;
  readonly consumer: (partition: number) => Consumer;
  readonly client: EndpointClient;
  readonly status: EndpointStatus;
  readonly supervisor: EndpointSupervisor;
  readonly breaker: Breaker;
  readonly rate: Rate;
  readonly round: Omit<RoundOptions, 'send'>;
  readonly onSent: (seconds: number) => void;
  /**
   * A clock in place of ours, Unix milliseconds: `Date.now` for the supervisor, whose times others read, and for the breaker one
   * that only goes forward.
   */
  readonly now?: () => number;
}

/** How long an endpoint that has too much to do is left alone, where it does not say. */
const REST_MS = 1000;
/** How often it is asked whether an endpoint that rests is well: an answer to what was sent before may have said so. */
const LOOK_AGAIN_MS = 500;
/** How often an endpoint that is off is asked for: soon its delivery is stopped anyway. */
const OFF_MS = 5000;

/** Delivers the stream of one endpoint, from `start` to `stop`. */
export class EndpointDelivery {
  private readonly stopping = sharedAbort();
  /** A batch comes again after `Unavailable`; its round knows what is left of it. */
  private readonly rounds = new WeakMap<Batch, DeliveryRound>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: DeliveryParts) {}

  /** Begins once `before` is done: the endpoint's last delivery releases first, so that this one need not claim. */
  start(before: Promise<void> = Promise.resolve()): void {
    this.running = before.then(() => this.serve());
  }

  /**
   * Resolves when what is in flight is done, and the rest released uncounted. After `graceMs` it waits no longer:
   * requests without an answer are cut off and released too.
   */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const enough = setTimeout(() => this.parts.client.cut(), graceMs);
    await this.running;
    clearTimeout(enough);
    this.parts.client.cut();
  }

  private async serve(): Promise<void> {
    const { signal } = this.stopping;
    const { partitions, consumer, status } = this.parts;
    if (signal.aborted) return;
    status.begin();
    await this.parts.supervisor.begin();
    const deliver = (batch: Batch) => this.roundOf(batch).run(signal);
    const serve = (partition: number) => serveBatches(consumer(partition), deliver, signal, status);
    await servePartitions(partitions, serve, signal);
  }

  private roundOf(batch: Batch): DeliveryRound {
    const known = this.rounds.get(batch);
    if (known !== undefined) return known;
    const round = new DeliveryRound(batch, { ...this.parts.round, send: (...it) => this.send(...it) });
    this.rounds.set(batch, round);
    return round;
  }

  /** Rejects with `Unavailable`, which counts nothing and reads nothing more, while nothing is to be sent. */
  private async send(delivery: Delivery, spans: BatchSpans | undefined): Promise<void> {
    const { client, breaker, supervisor, status, rate } = this.parts;
    if (!(await supervisor.isOn())) throw new Unavailable('it is disabled', { retryAfterMs: OFF_MS });
    const openForMs = breaker.openForMs(this.elapsed());
    if (openForMs > 0) {
      const retryAfterMs = Math.min(openForMs, LOOK_AGAIN_MS);
      throw new Unavailable('its retries are paused after repeated failures or by Retry-After', { retryAfterMs });
    }
    const waitMs = rate.take(performance.now());
    if (waitMs > 0) await this.wait(waitMs);
    const start = performance.now();
    try {
      await client.send(delivery, spans);
      breaker.succeeded();
      supervisor.succeeded(this.now());
      status.delivered();
    } catch (error) {
      this.note(error as Error);
      throw error;
    } finally {
      this.parts.onSent((performance.now() - start) / 1000);
    }
  }

  /** What a failure says of the endpoint, not of the event. */
  private note(error: Error): void {
    const { breaker, supervisor } = this.parts;
    const now = this.now();
    if (error instanceof EndpointGone) supervisor.switchOff(error.message, now);
    // Its deliveries wait anyway, so no breaker is needed; but nobody waits for ever.
    if (error instanceof Unreachable) supervisor.failed(error, now, undefined);
    // That says nothing more of the endpoint: nor does a stop, or an event that is none.
    if (error instanceof Unavailable || error instanceof PermanentError) return;
    const opened = breaker.failed(this.elapsed());
    if (error instanceof Overloaded) breaker.rest(this.elapsed(), error.retryAfterMs ?? REST_MS);
    supervisor.failed(error, now, opened ? now + breaker.openForMs(this.elapsed()) : undefined);
  }

  private now(): number {
    return (this.parts.now ?? Date.now)();
  }

  private elapsed(): number {
    return (this.parts.now ?? monotonicMs)();
  }

  private async wait(ms: number): Promise<void> {
    const { signal } = this.stopping;
    await pause(ms, undefined, { signal }).catch(() => {
      throw new Unavailable('it is stopping');
    });
  }
}
