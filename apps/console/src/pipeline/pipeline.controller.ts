import { ApiKeyGuard, problem, RequestRefused } from '@millrace/host';
import { INBOX } from '@millrace/streams';
import { type Finding, RedisTransport } from '@millrace/streams/redis';
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ConsoleConfig } from './console-config.js';
import { Observer, type SinkView, type StreamView, type Summary } from './observer.js';
import { readLimit, readPoint } from './query.js';
import { type StoredEvent, TopicEvents } from './topic-events.js';

type Parameters = Readonly<Record<string, string | undefined>>;

/** The admin API: how the pipeline fares, and what is in it. */
@Controller('api')
@UseGuards(ApiKeyGuard)
export class AdminController {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(TopicEvents) private readonly events: TopicEvents,
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  @Get('summary')
  async summary(): Promise<Summary> {
    return (await this.observer.look()).summary;
  }

  @Get('topics')
  async topics(): Promise<{ inbox: StreamView; topics: readonly StreamView[] }> {
    const { inbox, topics } = await this.observer.look();
    return { inbox, topics };
  }

  @Get('topics/:topic/events')
  async topicEvents(@Param('topic') topic: string, @Query() query: Parameters): Promise<{ events: StoredEvent[] }> {
    const range = rangeOf(query, 50);
    if (topic !== INBOX && !(await this.observer.topicNames()).includes(topic)) {
      throw new RequestRefused(problem('not-found', 404, `There is no topic "${topic.slice(0, 100)}"`));
    }
    return { events: await this.events.newest(topic, range) };
  }

  @Get('sinks')
  async sinks(): Promise<{ sinks: readonly SinkView[] }> {
    return { sinks: (await this.observer.look()).sinks };
  }

  @Get('doctor')
  async doctor(): Promise<{ findings: readonly Finding[] }> {
    const streams = await this.transport.readStreams(this.config.PARTITIONS);
    const [server, groups] = await Promise.all([this.transport.examine(), this.transport.doctor.examine(streams)]);
    return { findings: [...server, ...groups] };
  }
}

const rangeOf = ({ from, to, limit }: Parameters, most: number) => ({
  from: readPoint('from', from, '-'),
  to: readPoint('to', to, '+'),
  limit: readLimit(limit, most),
});
