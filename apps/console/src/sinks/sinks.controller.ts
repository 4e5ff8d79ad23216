import type { ChangedSink, ForgetQuery, ListQuery, Sink, SinkList } from '@millrace/admin-api';
import { Controller, Delete, Get, HttpCode, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { OperatorPost, RoleGuard, Who } from '../access/role.guard.js';
import { pageOf } from '../contract/page-of.js';
import { Observer } from '../observation/observer.js';
import { Sinks } from './sinks.js';

/** The registered groups of the admin API: the router, the sinks, the endpoints of the webhook sink. */
@Controller('api/sinks')
@UseGuards(RoleGuard)
export class SinksController {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(Sinks) private readonly sinks: Sinks,
  ) {}

  @Get()
  async all(@Query() query: ListQuery): Promise<SinkList> {
    const { sinks } = await this.observer.look();
    return pageOf({ sinks: sinks.map((one) => [one.name, one]) }, query);
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<Sink> {
    return this.sinks.one(name);
  }

  @OperatorPost(':name/pause')
  pause(@Param('name') name: string, @Who() who: string): Promise<ChangedSink> {
    return this.sinks.pause(name, who);
  }

  @OperatorPost(':name/resume')
  resume(@Param('name') name: string, @Who() who: string): Promise<ChangedSink> {
    return this.sinks.resume(name, who);
  }

  @Delete(':name')
  @HttpCode(204)
  forget(@Param('name') name: string, @Query() { discard }: ForgetQuery, @Who() who: string): Promise<void> {
    return this.sinks.forget(name, discard, who);
  }
}
