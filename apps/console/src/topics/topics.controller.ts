import type { EventPage, StoredEventDetail, TopicDetail, TopicList } from '@millrace/admin-api';
import { problem, RequestRefused } from '@millrace/host';
import { INBOX } from '@millrace/streams';
import { Controller, Get, Inject, Param, Query, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { RoleGuard } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { startEventStream } from '../event-stream.js';
import { Observer } from '../pipeline/observer.js';
import { readLimit, readPoint, readWhole, refused } from '../query.js';
import { readBody } from '../read-body.js';
import type { Cursor } from './cursor.js';
import { eventFilterOf } from './event-filter.js';
import { EventsQuery, TailQuery } from './requests.js';
import { TopicEvents } from './topic-events.js';
import { TopicTail } from './topic-tail.js';
import { TopicViews } from './topic-view.js';

const POSITION = /^\d{1,16}-\d{1,16}(\.\d{1,4})?$/;

/** The topics of the admin API, and the inbox as `in`: how they fare, and what is in them. */
@Controller('api/topics')
@UseGuards(RoleGuard)
export class TopicsController {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(TopicViews) private readonly views: TopicViews,
    @Inject(TopicEvents) private readonly stored: TopicEvents,
    @Inject(TopicTail) private readonly tails: TopicTail,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  async all(): Promise<TopicList> {
    const { inbox, topics } = await this.observer.look();
    return { inbox, topics };
  }

  @Get(':topic')
  async one(@Param('topic') topic: string): Promise<TopicDetail> {
    await this.mustExist(topic);
    return this.views.of(topic);
  }

  @UseInterceptors(InTurn)
  @Get(':topic/events')
  async events(@Param('topic') topic: string, @Query() query: unknown): Promise<EventPage> {
    const { from, to, limit, cursor, order = 'newest', ...filter } = readBody(EventsQuery, query, 'query');
    const range = {
      from: readPoint('from', from, '-'),
      to: readPoint('to', to, '+'),
      limit: readLimit(limit, 50),
      order,
      filter: eventFilterOf(filter),
      cursor: cursor === undefined ? undefined : this.cursorOf(cursor),
    };
    await this.mustExist(topic);
    return this.stored.page(topic, range);
  }

  @UseInterceptors(InTurn)
  @Get(':topic/events/:position')
  async event(
    @Param('topic') topic: string,
    @Param('position') position: string,
    @Query('partition') partition?: string,
  ): Promise<StoredEventDetail> {
    if (!POSITION.test(position)) throw refused('the position', position, 'a stream id, as 1795230491115-0');
    const found = await this.stored.one(topic, readWhole('partition', partition) ?? 0, position);
    if (found !== undefined) return found;
    throw new RequestRefused(problem('not-found', 404, 'There is no such event: it was trimmed, or never was'));
  }

  @Get(':topic/tail')
  async tail(
    @Param('topic') topic: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = eventFilterOf(readBody(TailQuery, query, 'query'));
    await this.mustExist(topic);
    if (this.tails.isFull) {
      throw new RequestRefused(
        problem('unavailable', 503, 'Too many follow topics through this console: end one of them'),
      );
    }
    this.access.endWithKey(request, 'read', reply.raw);
    this.tails.watch(topic, filter, startEventStream(reply));
  }

  private cursorOf(text: string): Cursor {
    const cursor = this.stored.cursorOf(text);
    if (cursor === undefined) throw refused('cursor', text, 'the `next` of an earlier answer');
    return cursor;
  }

  private async mustExist(topic: string): Promise<void> {
    if (topic === INBOX || (await this.observer.topicNames()).includes(topic)) return;
    throw new RequestRefused(problem('not-found', 404, `There is no topic "${topic.slice(0, 100)}"`));
  }
}
