import type * as Api from '@millrace/admin-api';
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
import { conflict, missing } from '../contract/problems.js';
import { Targets } from '../jobs/targets.js';
import { type DeadLetterFilter, DeadLetterFinder, type LetterCursor, toView } from './dead-letter-finder.js';
import { LetterActions, type LetterPlace } from './letter-actions.js';
import { filterOf, filterOfBody, letterCursorOf } from './letter-filter.js';
import { Redrives } from './redrives.js';

/** The dead letters of the admin API: look at them, send them again, delete them. */
@Controller('api')
@UseGuards(RoleGuard)
export class DeadLettersController {
  constructor(
    @Inject(DeadLetterFinder) private readonly letters: DeadLetterFinder,
    @Inject(Targets) private readonly targets: Targets,
    @Inject(Redrives) private readonly redrives: Redrives,
    @Inject(LetterActions) private readonly actions: LetterActions,
  ) {}

  @UseInterceptors(InTurn)
  @Get('dead-letters')
  list(
    @Query(by(filterOf)) filter: DeadLetterFilter,
    @Query() { limit }: Api.DeadLetterQuery,
    @Query('cursor', by(letterCursorOf)) cursor: LetterCursor | undefined,
  ): Promise<Api.DeadLetterPage> {
    return this.letters.newest(filter, limit, cursor);
  }

  @UseInterceptors(InTurn)
  @Get('dead-letters/groups')
  groups(@Query(by(filterOf)) filter: DeadLetterFilter): Promise<Api.DeadLetterGroups> {
    return this.letters.groups(filter);
  }

  @Get('dead-letters/redrives')
  async all(@Query() query: Api.ListQuery): Promise<Api.RedriveList> {
    return pageOf({ redrives: (await this.redrives.all()).map((one) => [one.id, one]) }, query, 'descending');
  }

  @Get('dead-letters/redrives/:id')
  async redriveOf(@Param('id') id: string): Promise<Api.Redrive> {
    const found = await this.redrives.one(id);
    if (found === undefined) throw missing(`Redrive "${id.slice(0, 100)}" not found`);
    return found;
  }

  @Needs('operate')
  @Delete('dead-letters/redrives/:id')
  @HttpCode(204)
  async stop(@Param('id') id: string, @Who() who: string): Promise<void> {
    const { state } = await this.redriveOf(id);
    if (await this.redrives.stop(id, who)) return;
    throw conflict(`This redrive is ${state === 'running' ? 'done' : state}`);
  }

  @UseInterceptors(InTurn)
  @OperatorPost('dead-letters/redrive')
  async redrive(
    @Body('filter', by(filterOfBody)) filter: DeadLetterFilter,
    @Body() { dryRun, perSecond }: Api.RedriveOrder,
    @Who() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Api.RedrivePreview | Api.Redrive> {
    if (dryRun) {
      const { matched, groups } = await this.letters.countByGroup(filter);
      return { matched, warnings: await this.targets.warningsOf(groups) };
    }
    const started = await this.redrives.start(who, filter, perSecond);
    if (started === undefined) throw conflict('No dead letter matches; nothing was started');
    void reply.code(202);
    return started;
  }

  @OperatorPost('dead-letters/purge')
  async purge(
    @Body('filter', by(filterOfBody)) filter: DeadLetterFilter,
    @Body() { dryRun }: Api.PurgeOrder,
    @Who() who: string,
  ): Promise<Api.PurgePreview | Api.Purged> {
    if (dryRun) return { matched: await this.letters.count(filter) };
    return { purged: await this.actions.purge(filter, who) };
  }

  @UseInterceptors(InTurn)
  @Get('dead-letters/:group/:partition/:id')
  async one(@Param() place: LetterPlace): Promise<Api.DeadLetter> {
    const { letter, partition } = await this.actions.find(place);
    return toView(letter, partition);
  }

  @OperatorPost('dead-letters/:group/:partition/:id/redrive')
  async redriveOne(
    @Param() place: LetterPlace,
    @Body() { event }: Api.Replacement,
    @Who() who: string,
  ): Promise<Api.Redriven> {
    return { redriven: await this.actions.redrive(place, event, who) };
  }
}
