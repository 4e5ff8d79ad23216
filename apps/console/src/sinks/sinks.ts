import type { ChangedSink, Sink } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Inject, Injectable } from '@nestjs/common';
import { conflict, missing } from '../contract/problems.js';
import { Observer } from '../observation/observer.js';

/** One that was seen within this time is running. */
const GONE_AFTER_MS = 60_000;

/** Registered groups, and what is done with them by hand. All methods reject with `Unavailable`, or a 404 for one that is not there. */
@Injectable()
export class Sinks {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  async one(name: string): Promise<Sink> {
    const found = (await this.observer.lookAgain()).sinks.find((sink) => sink.name === name);
    if (found !== undefined) return found;
    throw missing(`Sink "${name.slice(0, 100)}" not found`);
  }

  async pause(name: string, who: string): Promise<ChangedSink> {
    const { paused } = await this.one(name);
    if (paused === null) {
      await this.operations.settings.setPause(name, { at: Date.now(), who });
      await this.operations.audit.add(who, 'pause', { group: name });
    }
    return { ...(await this.one(name)), changed: paused === null };
  }

  async resume(name: string, who: string): Promise<ChangedSink> {
    const { paused } = await this.one(name);
    if (paused !== null) {
      await this.operations.settings.setPause(name, null);
      await this.operations.audit.add(who, 'resume', { group: name });
    }
    return { ...(await this.one(name)), changed: paused !== null };
  }

  /** Forgets a group that nobody runs; `discard`: also where it has something left. Rejects with a 409. */
  async forget(name: string, discard: boolean, who: string): Promise<void> {
    const { seenAt, lag, pending, parked, deadLetters } = await this.one(name);
    const unread = lag + pending;
    if (Date.now() - seenAt < GONE_AFTER_MS) {
      throw conflict(`"${name}" had a heartbeat within the last minute: stop its processes first`);
    }
    if (unread + parked + deadLetters > 0 && !discard) {
      throw conflict(
        `"${name}" has ${unread} undelivered events, ${parked} scheduled for retry and ${deadLetters} dead letters; set discard=true to discard them`,
      );
    }
    await this.operations.forgetGroup(name);
    await this.operations.audit.add(who, 'forget', { group: name, unread, parked, deadLetters });
    await this.observer.lookAgain();
  }
}
