import type { ChangedSink, ForgetQuery, Sink, SinkList } from '@millrace/admin-api';
import { problem, RequestRefused } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { Observer } from '../observation/observer.js';

const conflict = (detail: string): RequestRefused => new RequestRefused(problem('conflict', 409, detail));

/** One that was seen within this time is running. */
const GONE_AFTER_MS = 60_000;

/** The registered groups of the admin API: the router, the sinks, the endpoints of the webhook sink. */
@Controller('api/sinks')
@UseGuards(RoleGuard)
export class SinksController {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(RedisTransport) readonly _transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @Get()
  async all(): Promise<SinkList> {
    return { sinks: (await this.observer.look()).sinks };
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<Sink> {
    return this.find(name);
  }

  @Needs('operate')
  @Post(':name/pause')
  @HttpCode(200)
  async pause(@Param('name') name: string, @Who() who: string): Promise<ChangedSink> {
    const { paused } = await this.find(name);
    if (paused === null) {
      await this.operations.settings.setPause(name, { at: Date.now(), who });
      await this.operations.audit.add(who, 'pause', { group: name });
    }
    return { ...(await this.find(name)), changed: paused === null };
  }

  @Needs('operate')
  @Post(':name/resume')
  @HttpCode(200)
  async resume(@Param('name') name: string, @Who() who: string): Promise<ChangedSink> {
    const { paused } = await this.find(name);
    if (paused !== null) {
      await this.operations.settings.setPause(name, null);
      await this.operations.audit.add(who, 'resume', { group: name });
    }
    return { ...(await this.find(name)), changed: paused !== null };
  }

  @Delete(':name')
  @HttpCode(204)
  async forget(@Param('name') name: string, @Query() { discard }: ForgetQuery, @Who() who: string): Promise<void> {
    const { seenAt, lag, pending, parked, deadLetters } = await this.find(name);
    const unread = lag + pending;
    if (Date.now() - seenAt < GONE_AFTER_MS) {
      throw conflict(`"${name}" was seen within the last minute: stop its processes first`);
    }
    if (unread + parked + deadLetters > 0 && !discard) {
      throw conflict(
        `"${name}" has ${unread} events that it has not delivered, ${parked} scheduled for retry and ${deadLetters} dead letters; discard=true gives them up`,
      );
    }
    const { audit, settings } = this.operations;
    const streams = (await this.operations.readStreams()).filter(({ name: stream }) => !stream.startsWith('again:'));
    await this.operations.forgetGroup(name, streams);
    await settings.setPause(name, null);
    await audit.add(who, 'forget', { group: name, unread, parked, deadLetters });
    await this.observer.lookAgain();
  }

  private async find(name: string): Promise<Sink> {
    const found = (await this.observer.lookAgain()).sinks.find((sink) => sink.name === name);
    if (found !== undefined) return found;
    throw new RequestRefused(problem('not-found', 404, `There is no sink "${name.slice(0, 100)}"`));
  }
}
