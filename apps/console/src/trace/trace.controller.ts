import { isDeepStrictEqual } from 'node:util';
import type { Trace, TraceOrder, TraceQuery, TraceSetting } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Body, Controller, Get, Inject, Put, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { refused } from '../contract/points.js';
import { Traces } from './traces.js';

/** The way of one event, and how much of the ways is recorded. */
@Controller('api')
@UseGuards(RoleGuard)
export class TraceController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @UseInterceptors(InTurn)
  @Get('events/trace')
  async of(@Query() { cursor, ...name }: TraceQuery): Promise<Trace> {
    const trace = await this.traces.of(name, cursor);
    if (trace === undefined) throw refused('cursor', cursor ?? '', 'the `next` of an earlier answer');
    return trace;
  }

  @Get('trace')
  setting(): Promise<TraceSetting> {
    return this.operations.settings.trace();
  }

  @Put('trace')
  async set(@Body() { sample, seconds }: TraceOrder, @Who() who: string): Promise<TraceSetting> {
    const setting = { sample, until: seconds === undefined ? null : Date.now() + seconds * 1000 };
    if (isDeepStrictEqual(setting, await this.setting())) return setting;
    await this.operations.settings.setTrace(setting);
    await this.operations.audit.add(who, 'set trace', setting);
    return setting;
  }
}
