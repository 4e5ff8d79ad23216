import type { ChangedReplay, DryRun, ListQuery, Replay, ReplayList } from '@millrace/admin-api';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Query,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Needs, OperatorPost, RoleGuard, Who } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { pageOf } from '../contract/page-of.js';
import { by } from '../contract/points.js';
import type { ReplayOrder as Order } from './replay.js';
import { Replays } from './replays.js';
import { orderOf } from './sent-order.js';

/** The replays of the admin API. */
@Controller('api/replays')
@UseGuards(RoleGuard)
export class ReplaysController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  @Get()
  async all(@Query() query: ListQuery): Promise<ReplayList> {
    return pageOf({ replays: (await this.replays.all()).map((one) => [one.id, one]) }, query, 'descending');
  }

  @Get(':id')
  one(@Param('id') id: string): Promise<Replay> {
    return this.replays.one(id);
  }

  @UseInterceptors(InTurn)
  @OperatorPost('', 202)
  async start(
    @Body(by(orderOf)) order: Order,
    @Body('dryRun') dryRun: boolean,
    @Who() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Replay | DryRun> {
    if (!dryRun) return this.replays.start(order, who);
    void reply.code(200);
    return this.replays.dryRun(order);
  }

  @OperatorPost(':id/pause')
  pause(@Param('id') id: string, @Who() who: string): Promise<ChangedReplay> {
    return this.replays.pause(id, who);
  }

  @OperatorPost(':id/resume')
  resume(@Param('id') id: string, @Who() who: string): Promise<ChangedReplay> {
    return this.replays.resume(id, who);
  }

  @Needs('operate')
  @Delete(':id')
  @HttpCode(204)
  cancel(@Param('id') id: string, @Who() who: string): Promise<void> {
    return this.replays.cancel(id, who);
  }
}
