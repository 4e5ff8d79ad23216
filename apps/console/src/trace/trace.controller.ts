import type { Trace, TraceOrder, TraceQuery, TraceSetting } from '@millrace/admin-api';
import { Body, Controller, Get, Inject, Put, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { refused } from '../contract/points.js';
import { Sampling } from './sampling.js';
import { Traces } from './traces.js';

/** The way of one event, and how much of the ways is recorded. */
@Controller('api')
@UseGuards(RoleGuard)
export class TraceController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(Sampling) private readonly sampling: Sampling,
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
    return this.sampling.now();
  }

  @Put('trace')
  set(@Body() order: TraceOrder, @Who() who: string): Promise<TraceSetting> {
    return this.sampling.set(order, who);
  }
}
