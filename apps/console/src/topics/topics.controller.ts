import type {
  EventPage,
  EventQuery,
  EventsQuery,
  ListQuery,
  StoredEventDetail,
  TopicDetail,
  TopicList,
} from '@millrace/admin-api';
import { INBOX } from '@millrace/streams';
import { Controller, Get, Inject, Param, Query, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { RoleGuard } from '../access/role.guard.js';
import { startEventStream } from '../answers/event-stream.js';
import { InTurn } from '../answers/in-turn.js';
import { pageOf } from '../contract/page-of.js';
import { by } from '../contract/points.js';
import { missing, refusal } from '../contract/problems.js';
import { Observer } from '../observation/observer.js';
import { rangeOf } from './asked-events.js';
import { type EventFilter, eventFilterOf } from './event-filter.js';
import { TopicEvents } from './topic-events.js';
import { TopicTail } from './topic-tail.js';
import { TopicViews } from './topic-view.js';

/** The topics of the admin API, and the inbox as `in`: their state, and what is in them. */
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
  async all(@Query() query: ListQuery): Promise<TopicList> {
    const { inbox, topics } = await this.observer.look();
    return { inbox, ...pageOf({ topics: topics.map((one) => [one.name, one]) }, query) };
  }

  @Get(':topic')
  async one(@Param('topic') topic: string): Promise<TopicDetail> {
    await this.mustExist(topic);
    return this.views.of(topic);
  }

  @UseInterceptors(InTurn)
  @Get(':topic/events')
  async events(@Param('topic') topic: string, @Query() query: EventsQuery): Promise<EventPage> {
    const range = rangeOf(query, this.stored);
    await this.mustExist(topic);
    return this.stored.page(topic, range);
  }

  @UseInterceptors(InTurn)
  @Get(':topic/events/:position')
  async event(
    @Param('topic') topic: string,
    @Param('position') position: string,
    @Query() { partition }: EventQuery,
  ): Promise<StoredEventDetail> {
    const found = await this.stored.one(topic, partition, position);
    if (found !== undefined) return found;
    throw missing('Event not found: it was trimmed, or never existed');
  }

  @Get(':topic/tail')
  async tail(
    @Param('topic') topic: string,
    @Query(by(eventFilterOf)) filter: EventFilter | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.mustExist(topic);
    if (this.tails.isFull) {
      throw refusal('unavailable', 503, 'Too many live tails at this console: close one of them');
    }
    this.access.endWithKey(request, 'read', reply.raw);
    this.tails.watch(topic, filter, startEventStream(reply));
  }

  private async mustExist(topic: string): Promise<void> {
    if (topic === INBOX || (await this.observer.topicNames()).includes(topic)) return;
    throw missing(`Topic "${topic.slice(0, 100)}" not found`);
  }
}
