import type { EndpointState, EndpointStates } from '@millrace/endpoints';
import type { Logger } from '@millrace/host';

/** What a supervisor needs. */
export interface SupervisorOptions {
  readonly endpoint: string;
  readonly states: Pick<EndpointStates, 'of' | 'set'>;
  /** How long an endpoint may fail before it is switched off, in milliseconds; 0: for ever. */
  readonly offAfterMs: number;
  /** Tells the world that it is off: an event. */
  readonly notify: (notice: { readonly reason: string; readonly failingSince?: number }) => Promise<void>;
  readonly log: Logger;
}

/**
 * Remembers how an endpoint fares, also beyond this process, and switches it off where it says that it is gone, or has
 * failed for too long. What cannot be written to Redis now is written with the next change.
 */
export class EndpointSupervisor {
  private state: EndpointState = {};
  private known: Promise<void> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: SupervisorOptions) {}

  /** Whether something may be sent. Where it is off, Redis is asked whether somebody has switched it on again. */
  async isOn(): Promise<boolean> {
    if (!this.isOff) return true;
    await this.writing;
    const { states, endpoint } = this.options;
    const state = await states.of(endpoint).catch(() => this.state);
    if (state.offAt === undefined) this.state = state;
    return !this.isOff;
  }

  private get isOff(): boolean {
    return this.state.offAt !== undefined;
  }

  /** Reads what other processes, or this one before it was restarted, knew of it. Resolves whatever Redis says. */
  begin(): Promise<void> {
    const { states, endpoint } = this.options;
    this.known ??= states.of(endpoint).then(
      (state) => {
        this.state = { ...state, ...this.state };
      },
      () => undefined,
    );
    return this.known;
  }

  /** Once it is off, what was still under way says nothing any more: somebody has to switch it on. */
  succeeded(): void {
    if (this.isOff) return;
    if (this.state.failingSince === undefined) return;
    this.state = {};
    this.write();
  }

  /** An attempt failed; `openUntil` where the breaker has opened. */
  failed(error: Error, now: number, openUntil: number | undefined): void {
    if (this.isOff) return;
    const isFirst = this.state.failingSince === undefined;
    const failingSince = this.state.failingSince ?? now;
    this.state = { failingSince, failure: error.message, ...(openUntil === undefined ? {} : { openUntil }) };
    const { offAfterMs } = this.options;
    if (offAfterMs > 0 && now - failingSince >= offAfterMs) {
      const since = new Date(failingSince).toISOString();
      this.switchOff(`it has failed since ${since}: ${error.message}`, now);
    } else if (isFirst || openUntil !== undefined) this.write();
  }

  switchOff(reason: string, now: number): void {
    if (this.isOff) return;
    const { endpoint, log, notify } = this.options;
    const { failingSince } = this.state;
    this.state = { ...this.state, offAt: now, offReason: reason };
    log.error({ endpoint }, `switched off: ${reason}; what waits for it waits until it is switched on again`);
    this.write();
    notify({ reason, ...(failingSince === undefined ? {} : { failingSince }) }).catch((error: Error) =>
      log.error({ endpoint, err: error.message }, 'the event of it could not be sent'),
    );
  }

  private write(): void {
    const { states, endpoint, log } = this.options;
    const { state } = this;
    this.writing = this.writing
      .then(() => states.set(endpoint, state))
      .catch((error: Error) => log.debug({ endpoint, err: error.message }, 'its state could not be kept'));
  }
}
