import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  Purged,
  PurgeOrder,
  PurgePreview,
  Redrive,
  RedriveList,
  Redriven,
  RedriveOrder,
  RedrivePreview,
  Replacement,
} from '@millrace/admin-api';
import { problem, RequestRefused } from '@millrace/host';
import { Operations, type StoredDeadLetter } from '@millrace/operations';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { refused } from '../contract/points.js';
import { Targets } from '../jobs/targets.js';
import { DeadLetters, LetterCursor, toView } from './dead-letters.js';
import { editedEvent } from './edited-event.js';
import { filterOf } from './letter-filter.js';
import { Redrives } from './redrives.js';

/** Where the filter of a body stands. */
const IN_BODY = '/filter';

/** Where a dead letter stands. */
interface Place {
  readonly group: string;
  readonly partition: string;
  readonly id: string;
}

const cursorOf = (text: string): LetterCursor => {
  const cursor = LetterCursor.parse(text);
  if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
  return cursor;
};

const conflict = (why: string): RequestRefused => new RequestRefused(problem('conflict', 409, why));
const missing = (what: string): RequestRefused => new RequestRefused(problem('not-found', 404, what));

/** The dead letters of the admin API: look at them, send them again, delete them. */
@Controller('api')
@UseGuards(RoleGuard)
export class DeadLettersController {
  constructor(
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(Targets) private readonly targets: Targets,
    @Inject(Redrives) private readonly redrives: Redrives,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @UseInterceptors(InTurn)
  @Get('dead-letters')
  list(@Query() { limit, cursor, ...filter }: DeadLetterQuery): Promise<DeadLetterPage> {
    const from = cursor === undefined ? undefined : cursorOf(cursor);
    return this.letters.newest(filterOf(filter), limit, from);
  }

  @UseInterceptors(InTurn)
  @Get('dead-letters/groups')
  groups(@Query() filter: DeadLetterFilter): Promise<DeadLetterGroups> {
    return this.letters.groups(filterOf(filter));
  }

  @Get('dead-letters/redrives')
  async all(): Promise<RedriveList> {
    return { redrives: await this.redrives.all() };
  }

  @Get('dead-letters/redrives/:id')
  async redriveOf(@Param('id') id: string): Promise<Redrive> {
    const found = await this.redrives.one(id);
    if (found === undefined) throw missing(`There is no redrive "${id.slice(0, 100)}"`);
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

  @Needs('operate')
  @UseInterceptors(InTurn)
  @Post('dead-letters/redrive')
  @HttpCode(200)
  async redrive(
    @Body() { filter, dryRun, perSecond }: RedriveOrder,
    @Who() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RedrivePreview | Redrive> {
    if (dryRun) {
      const { matched, groups } = await this.letters.countByGroup(filterOf(filter, IN_BODY));
      return { matched, warnings: await this.targets.warningsOf(groups) };
    }
    const started = await this.redrives.start(who, filterOf(filter, IN_BODY), perSecond);
    if (started === undefined) throw conflict('No dead letter matches; nothing was started');
    void reply.code(202);
    return started;
  }

  @Needs('operate')
  @Post('dead-letters/purge')
  @HttpCode(200)
  async purge(@Body() order: PurgeOrder, @Who() who: string): Promise<PurgePreview | Purged> {
    const filter = filterOf(order.filter, IN_BODY);
    if (order.dryRun) return { matched: await this.letters.count(filter) };
    let purged = 0;
    try {
      for await (const { letters, ...of } of this.letters.all(filter)) {
        const ids = letters.map(({ id }) => id);
        purged += await this.operations.deadLetters.purge(of, ids);
        this.operations.traces.purged(of.partition, letters);
      }
    } finally {
      // What was deleted before Redis went away is told of as well.
      if (purged > 0) await this.operations.audit.add(who, 'purge', { filter, purged });
    }
    return { purged };
  }

  @UseInterceptors(InTurn)
  @Get('dead-letters/:group/:partition/:id')
  async one(@Param() place: Place): Promise<DeadLetter> {
    const { letter, partition } = await this.find(place);
    return toView(letter, partition);
  }

  @Needs('operate')
  @Post('dead-letters/:group/:partition/:id/redrive')
  @HttpCode(200)
  async redriveOne(@Param() place: Place, @Body() { event }: Replacement, @Who() who: string): Promise<Redriven> {
    const { letter, partition } = await this.find(place);
    if (letter.json === undefined && event === undefined) {
      throw new RequestRefused(
        problem('no-payload', 422, 'The event was trimmed before it was delivered; send one', '/event'),
      );
    }
    const edited = event === undefined ? {} : { event: editedEvent(event) };
    const { group } = letter;
    const redriven = await this.operations.deadLetters.redrive({ group, partition }, [{ letter, ...edited }]);
    const detail = { group, partition, id: letter.id, redriven, was: event === undefined ? undefined : letter.json };
    if (redriven > 0) await this.operations.audit.add(who, 'redrive', detail);
    return { redriven };
  }

  private async find({ group, partition, id }: Place): Promise<{ letter: StoredDeadLetter; partition: number }> {
    const isPlace = /^\d{1,4}$/.test(partition) && /^\d{1,16}-\d{1,16}$/.test(id);
    const letter = isPlace ? await this.letters.one(group, Number(partition), id) : undefined;
    if (letter === undefined) throw missing('There is no such dead letter: it was redriven or purged, or never was');
    return { letter, partition: Number(partition) };
  }
}
