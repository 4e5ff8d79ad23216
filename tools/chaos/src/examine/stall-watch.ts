import { setTimeout as pause } from 'node:timers/promises';
import { groupOf } from '@millrace/endpoints';
import type { Connection, RedisTransport } from '@millrace/streams/redis';
import type { Inflictor } from '../faults/inflict.js';
import { type Fault, SERVICES, type ServiceName } from '../faults/schedule.js';
import { TOPICS } from '../load/numbered-event.js';
import { RECEIVER, type Stack } from '../stack.js';
import { type Backlog, backlogs } from './backlog.js';
import { Stalls } from './stalls.js';

const EVERY_MS = 250;
/** A look that comes later was kept from it by the machine, as the services were: no more than that counts. */
const MOST_BETWEEN_MS = 2 * EVERY_MS;
const ANSWER_WITHIN_MS = 1000;

/** What a service answers where all is well. */
const answerOf = (url: string): Promise<string | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  );

/** Whose group it is: each endpoint has one of its own. */
const serviceOf = (group: string): ServiceName => SERVICES.find((name) => name === group) ?? 'sink-webhook';

/** Looks four times a second whether every group that has work gets on with it, wherever no fault keeps it from that. */
export class StallWatch {
  readonly stalls = new Stalls();
  private readonly redis: Connection;
  private lookedAt = performance.now();
  /** Milliseconds of all looks together. */
  private counted = performance.now();

  constructor(
    private readonly stack: Stack,
    private readonly inflictor: Inflictor,
    private readonly transport: RedisTransport,
  ) {
    this.redis = transport.connections.connect('stalls');
  }

  /** Resolves when the signal has aborted. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.look();
      await pause(EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const [groups, ready, isResting] = await Promise.all([
      // While Redis is away nobody can work: a fault of Redis is in progress, which excuses all of them.
      backlogs(this.transport, this.redis, TOPICS).catch(() => []),
      this.ready(),
      this.isResting(),
    ]);
    const now = performance.now();
    this.counted += Math.min(now - this.lookedAt, MOST_BETWEEN_MS);
    this.lookedAt = now;
    const at = this.counted;
    for (const backlog of groups) {
      const service = serviceOf(backlog.group);
      const faults = this.touching(service).map((target) => this.inflictor.of(target));
      this.stalls.note(backlog.group, {
        at,
        hasWork: backlog.lag + backlog.pending + backlog.due > 0,
        isExcused:
          !ready.has(service) ||
          faults.some(({ begun, over }) => begun !== over) ||
          (backlog.group === groupOf(RECEIVER) && isResting),
        // A fault that came and went between two looks begins the waiting anew.
        mark: JSON.stringify([progressOf(backlog), faults.map(({ over }) => over)]),
      });
    }
  }

  /** Services of which every process is ready. */
  private async ready(): Promise<ReadonlySet<ServiceName>> {
    const all = await Promise.all(
      this.stack.workers.map(async ({ name, url }) => [name, await answerOf(`${url}/health/ready`)] as const),
    );
    const not = new Set(all.flatMap(([name, answer]) => (answer === undefined ? [name] : [])));
    return new Set(SERVICES.filter((name) => !not.has(name)));
  }

  /** Whether the receiver is left alone for a while because it failed again and again. */
  private async isResting(): Promise<boolean> {
    const urls = this.stack.workers.flatMap(({ name, url }) => (name === 'sink-webhook' ? [url] : []));
    const metrics = await Promise.all(urls.map((url) => answerOf(`${url}/metrics`)));
    return metrics.some((text) => text?.includes(`millrace_webhook_breaker_open{endpoint="${RECEIVER}"} 1`) ?? true);
  }

  /** What keeps a service from its work when it is made to suffer. */
  private touching(service: ServiceName): readonly Fault['target'][] {
    if (this.stack.store.isShared) return [...SERVICES, 'redis', 'postgres', 'receiver'];
    const targets: Fault['target'][] = [service, 'redis'];
    if (service === 'sink-webhook') targets.push('receiver');
    if (service === 'sink-postgres' || service === 'witness') targets.push('postgres');
    return targets;
  }
}

/** What changes whenever something of a group is done; what is added to its streams changes nothing of it. */
const progressOf = ({ pending, parked, handedOut }: Backlog) => ({ pending, parked, handedOut });
