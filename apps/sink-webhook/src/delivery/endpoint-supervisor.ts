import type { EndpointFailing, EndpointOff, EndpointState, EndpointStates } from '@millrace/endpoints';
import type { Logger } from '@millrace/host';

export interface SupervisorOptions {
  readonly endpoint: string;
  readonly states: Pick<EndpointStates, 'of' | 'failing' | 'delivered' | 'deliveredAt' | 'off'>;
  /** How long an endpoint may fail before it is disabled, in milliseconds; 0: for ever. */
  readonly offAfterMs: number;
  /** Tells the world that it is off: an event. */
  readonly notify: (notice: { readonly reason: string; readonly failingSince?: number }) => Promise<void>;
  readonly log: Logger;
}

/** A success is noted for the other processes no more often than this, so that it costs a delivery nothing. */
const NOTE_EVERY_MS = 60_000;
/** Where the time until it is disabled is short, so many notes fit into it at least. */
const NOTES_WITHIN = 5;

/**
 * Remembers the status of an endpoint, also beyond this process, and disables it where it says that it is gone, or where no
 * process has delivered anything to it for too long. What cannot be written to Redis now is written with the next change.
 */
export class EndpointSupervisor {
  private failing: EndpointFailing = {};
  private off: EndpointOff | undefined;
  private known: Promise<void> | undefined;
  private writing: Promise<void> | undefined;
  private isStale = false;
  private changedAt = 0;
  private isDeciding = false;
  private noteAgainAt = Number.NEGATIVE_INFINITY;
  private readonly noteEveryMs: number;

  constructor(private readonly options: SupervisorOptions) {
    const { offAfterMs } = options;
    this.noteEveryMs = offAfterMs === 0 ? NOTE_EVERY_MS : Math.min(NOTE_EVERY_MS, offAfterMs / NOTES_WITHIN);
  }

  /** Whether something may be sent. Where it is off, Redis is asked whether somebody has switched it on again. */
  async isOn(): Promise<boolean> {
    if (this.off === undefined) return true;
    await this.writing;
    const { states, endpoint } = this.options;
    const { offAt, offReason: _, ...failing } = await states.of(endpoint).catch((): EndpointState => this.off ?? {});
    if (offAt !== undefined) return false;
    this.off = undefined;
    this.failing = failing;
    return true;
  }

  /** Reads what other processes, or this one before it was restarted, knew of it. Resolves whatever Redis says. */
  begin(): Promise<void> {
    const { states, endpoint } = this.options;
    this.known ??= states.of(endpoint).then(
      ({ offAt, offReason = '', ...failing }) => {
        this.failing = { ...failing, ...this.failing };
        if (offAt !== undefined) this.off ??= { offAt, offReason };
      },
      () => undefined,
    );
    return this.known;
  }

  /** Once it is off, what was still in flight says nothing any more: somebody has to switch it on. */
  succeeded(now: number): void {
    if (this.off !== undefined) return;
    if (this.failing.failingSince === undefined && now < this.noteAgainAt) return;
    this.failing = {};
    this.noteAgainAt = now + this.noteEveryMs;
    this.write(now);
  }

  /** An attempt failed; `openUntil` where the breaker has opened. */
  failed(error: Error, now: number, openUntil: number | undefined): void {
    if (this.off !== undefined) return;
    const isFirst = this.failing.failingSince === undefined;
    const failingSince = this.failing.failingSince ?? now;
    const until = openUntil ?? this.failing.openUntil;
    this.failing = { failingSince, failure: error.message, ...(until === undefined ? {} : { openUntil: until }) };
    if (isFirst || openUntil !== undefined) this.write(now);
    if (this.isTooLong(now)) void this.decide(error, now);
  }

  /** Disables it now, whatever others know. */
  switchOff(reason: string, now: number): void {
    if (this.off !== undefined) return;
    const { endpoint, log, notify, states } = this.options;
    const { failingSince } = this.failing;
    this.off = { offAt: now, offReason: reason };
    log.error({ endpoint }, `endpoint disabled: ${reason}; its queue is kept until it is enabled again`);
    const written = states.off(endpoint, this.off).then(
      // Another process that was first has sent the event.
      (isFirst) => (isFirst ? notify({ reason, ...(failingSince === undefined ? {} : { failingSince }) }) : undefined),
      (error: Error) => this.notWritten(error),
    );
    written.catch((error: Error) => log.error({ endpoint, err: error.message }, 'cannot publish the event about it'));
    this.writing = written.catch(() => undefined);
  }

  private isTooLong(now: number): boolean {
    const { offAfterMs } = this.options;
    return offAfterMs > 0 && now - (this.failing.failingSince ?? now) >= offAfterMs;
  }

  /** Another process may have delivered to it meanwhile: then its time counts from there. */
  private async decide(error: Error, now: number): Promise<void> {
    if (this.isDeciding) return;
    this.isDeciding = true;
    try {
      const { states, endpoint } = this.options;
      const deliveredAt = await states.deliveredAt(endpoint);
      const { failingSince = now } = this.failing;
      if (deliveredAt !== undefined && deliveredAt > failingSince) {
        this.failing = { ...this.failing, failingSince: deliveredAt };
      }
      const since = new Date(this.failing.failingSince ?? now).toISOString();
      if (this.isTooLong(now)) this.switchOff(`failing since ${since}: ${error.message}`, now);
      else this.write(now);
    } catch (cause) {
      this.notWritten(cause as Error);
    } finally {
      this.isDeciding = false;
    }
  }

  /** One write at a time: what changes meanwhile is written together, after it. */
  private write(now: number): void {
    this.changedAt = now;
    if (this.writing !== undefined) {
      this.isStale = true;
      return;
    }
    const { states, endpoint } = this.options;
    const { failing } = this;
    const isWell = failing.failingSince === undefined;
    this.writing = (isWell ? states.delivered(endpoint, now) : states.failing(endpoint, failing))
      .catch((error: Error) => this.notWritten(error))
      .then(() => {
        this.writing = undefined;
        if (!this.isStale) return;
        this.isStale = false;
        this.write(this.changedAt);
      });
  }

  private notWritten(error: Error): void {
    const { endpoint, log } = this.options;
    log.debug({ endpoint, err: error.message }, 'cannot store the state of the endpoint');
  }
}
