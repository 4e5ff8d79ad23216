import { LOGGER, type Logger } from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { passed } from '../passed.js';
import { type DeadLetterFilter, type DeadLetterPage, DeadLetters } from './dead-letters.js';

/** A redrive of many dead letters, as the API shows it. */
export interface RedriveView {
  readonly id: string;
  readonly filter: DeadLetterFilter;
  readonly perSecond: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  /** How many matched when it began, how many were moved, and how many have no payload to send again. */
  readonly matched: number;
  readonly redriven: number;
  readonly withoutPayload: number;
  readonly error?: string;
}

type Progress = { -readonly [K in keyof RedriveView]: RedriveView[K] };

const KEPT = 100;
/** A second's worth is moved in so many steps. */
const STEPS_A_SECOND = 10;

/**
 * Redrives what matches, at a rate. What is under way is known to this process alone; whatever a crash leaves undone is
 * still a dead letter, and the next redrive's.
 */
@Injectable()
export class Redrives implements OnModuleDestroy {
  private readonly runs = new Map<string, { readonly progress: Progress; readonly stopping: AbortController }>();
  private made = 0;

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Begins one. Rejects with `Unavailable`. */
  async start(who: string, filter: DeadLetterFilter, perSecond: number): Promise<RedriveView> {
    const matched = await this.letters.count(filter);
    const progress: Progress = {
      id: `${Date.now().toString(36)}-${++this.made}`,
      filter,
      perSecond,
      startedAt: Date.now(),
      state: 'running',
      matched,
      redriven: 0,
      withoutPayload: 0,
    };
    const stopping = new AbortController();
    this.runs.set(progress.id, { progress, stopping });
    for (const id of this.runs.keys()) if (this.runs.size > KEPT) this.runs.delete(id);
    await this.transport.audit.add(who, 'redrive', { id: progress.id, filter, perSecond, matched });
    void this.run(progress, stopping.signal);
    return { ...progress };
  }

  /** The newest first. */
  all(): RedriveView[] {
    return [...this.runs.values()].map(({ progress }) => ({ ...progress })).reverse();
  }

  /** Those that are not at their end. */
  running(): RedriveView[] {
    return this.all().filter(({ state }) => state === 'running');
  }

  one(id: string): RedriveView | undefined {
    const run = this.runs.get(id);
    return run === undefined ? undefined : { ...run.progress };
  }

  /** Ends one where it stands. False where there is none of that id. */
  stop(id: string): boolean {
    this.runs.get(id)?.stopping.abort();
    return this.runs.has(id);
  }

  onModuleDestroy(): void {
    for (const { stopping } of this.runs.values()) stopping.abort();
  }

  private async run(progress: Progress, stop: AbortSignal): Promise<void> {
    try {
      for await (const page of this.letters.all(progress.filter)) {
        await this.redrive(page, progress, stop);
        if (stop.aborted) break;
      }
      progress.state = stop.aborted ? 'stopped' : 'done';
    } catch (error) {
      progress.state = 'failed';
      progress.error = (error as Error).message;
    }
    const { id, state, matched, redriven } = progress;
    this.log.info({ id, state, matched, redriven }, 'redrive of dead letters');
  }

  private async redrive(page: DeadLetterPage, progress: Progress, stop: AbortSignal): Promise<void> {
    const { group, partition } = page;
    const letters = page.letters.filter(({ json }) => json !== undefined);
    progress.withoutPayload += page.letters.length - letters.length;
    const step = Math.max(1, Math.ceil(progress.perSecond / STEPS_A_SECOND));
    for (let from = 0; from < letters.length && !stop.aborted; from += step) {
      const some = letters.slice(from, from + step);
      progress.redriven += await this.transport.deadLetters.redrive(
        { group, partition },
        some.map((letter) => ({ letter })),
      );
      await passed((some.length / progress.perSecond) * 1000, stop);
    }
  }
}
