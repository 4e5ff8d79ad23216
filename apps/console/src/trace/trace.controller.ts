import { isDeepStrictEqual } from 'node:util';
import type { Trace, TraceSetting } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Get, HttpCode, Inject, Put, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { refused } from '../query.js';
import { readBody } from '../read-body.js';
import { TraceQuery, TraceSettingBody } from './requests.js';
import { Traces } from './traces.js';

/** The way of one event, and how much of the ways is recorded. */
@Controller('api')
@UseGuards(RoleGuard)
export class TraceController {
  constructor(
    @Inject(Traces) private readonly traces: Traces,
    @Inject(RedisTransport) readonly _transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @UseInterceptors(InTurn)
  @Get('events/trace')
  async of(@Query() query: unknown): Promise<Trace> {
    const { cursor, ...name } = readBody(TraceQuery, query, 'query');
    const trace = await this.traces.of(name, cursor);
    if (trace === undefined) throw refused('cursor', cursor ?? '', 'the `next` of an earlier answer');
    return trace;
  }

  @Get('trace')
  setting(): Promise<TraceSetting> {
    return this.operations.settings.trace();
  }

  @Put('trace')
  @HttpCode(200)
  async set(@Body() body: unknown, @Who() who: string): Promise<TraceSetting> {
    const { sample, seconds } = readBody(TraceSettingBody, body, 'body');
    const setting = { sample, until: seconds === undefined ? null : Date.now() + seconds * 1000 };
    if (isDeepStrictEqual(setting, await this.operations.settings.trace())) return setting;
    await this.operations.settings.setTrace(setting);
    await this.operations.audit.add(who, 'set trace', setting);
    return setting;
  }
}
