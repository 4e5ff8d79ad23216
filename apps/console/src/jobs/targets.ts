import type { Sink } from '@millrace/admin-api';
import { groupOf } from '@millrace/endpoints';
import { Inject, Injectable } from '@nestjs/common';
import { Observer } from '../observation/observer.js';
import { stateWarnings } from '../webhooks/endpoint-warnings.js';
import { ManagedEndpoints } from '../webhooks/managed-endpoints.js';

/** A group that says nothing for so long is not running: it does so every ten seconds. */
const NO_HEARTBEAT_MS = 60_000;
/** What is queued for longer waits for something: an attempt that fails, or a target that is away. */
const BEHIND_MS = 60_000;

/** Tells whether groups that are to get something again can take it now. */
@Injectable()
export class Targets {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(ManagedEndpoints) private readonly webhooks: ManagedEndpoints,
  ) {}

  /** Why what is sent to these groups would wait there, each a sentence; none where all is well. Rejects with `Unavailable`. */
  async warningsOf(groups: readonly string[]): Promise<string[]> {
    const [{ sinks }, { endpoints }] = await Promise.all([this.observer.look(), this.webhooks.all()]);
    const now = Date.now();
    return groups.flatMap((group) => {
      const sink = sinks.find(({ name }) => name === group);
      const endpoint = endpoints.find(({ name }) => groupOf(name) === group);
      const ofEndpoint = endpoint === undefined ? [] : stateWarnings(endpoint);
      return [...(sink === undefined ? [] : warningsOf(sink, now)), ...ofEndpoint].map((one) => `${group}: ${one}`);
    });
  }
}

const warningsOf = ({ paused, seenAt, oldestWaitingAt }: Sink, now: number): string[] => {
  if (paused !== null) return ['paused: what is sent is queued until it is resumed'];
  if (now - seenAt >= NO_HEARTBEAT_MS) {
    return [`no heartbeat since ${new Date(seenAt).toISOString()}; what is sent is queued until it runs`];
  }
  const waits = oldestWaitingAt === null ? 0 : now - oldestWaitingAt;
  if (waits < BEHIND_MS) return [];
  return [`its oldest unprocessed event has waited for ${Math.floor(waits / 1000)} s; its target may be unreachable`];
};
