import type { Health, Logger } from '@millrace/host';
import type { ServeHooks } from '@millrace/streams';
import { shownFailure } from '../http/verdict.js';

/** Where an endpoint is broken every attempt fails, and one line says as much as all of them. */
const TELL_EVERY_MS = 60_000;

/**
 * Shows whether an endpoint is there. An endpoint that is away does not make the process unready: it goes on with the
 * others, and taking it out of service or restarting it would bring the endpoint no nearer.
 */
export class EndpointStatus implements ServeHooks {
  private isAway = false;
  private isFailing = false;
  private lastTold = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly endpoint: string,
    private readonly health: Health,
    private readonly log: Logger,
  ) {}

  /** Nothing is known against it yet. */
  begin(): void {
    this.show('up');
  }

  readonly onUnavailable = (error: Error): void => {
    if (!this.isAway) this.log.warn({ endpoint: this.endpoint }, `target unavailable; retrying: ${error.message}`);
    this.isAway = true;
    this.show(`away: ${error.message}`);
  };

  readonly onAvailable = (): void => {
    this.isAway = false;
    this.log.info({ endpoint: this.endpoint }, 'endpoint reachable again');
    this.show('up');
  };

  readonly onError = (error: Error): void => {
    this.log.error({ err: error, endpoint: this.endpoint }, 'batch failed');
  };

  /** An attempt failed in a way that counts. */
  failed(error: Error): void {
    this.isFailing = true;
    const why = shownFailure(error);
    this.show(`failing: ${why}`);
    if (performance.now() - this.lastTold < TELL_EVERY_MS) return;
    this.lastTold = performance.now();
    this.log.warn({ endpoint: this.endpoint }, `not delivered: ${why}`);
  }

  delivered(): void {
    if (this.isFailing) this.show('up');
    this.isFailing = false;
  }

  /** The endpoint is none of ours any more. */
  forget(): void {
    this.health.note(this.name, undefined);
  }

  private get name(): string {
    return `endpoint ${this.endpoint}`;
  }

  private show(state: string): void {
    this.health.note(this.name, state);
  }
}
