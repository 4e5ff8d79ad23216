import { RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { readBody } from '../read-body.js';
import type { LabView } from './lab.js';
import { Labs } from './labs.js';
import { AddBody, ClaimBody, CrashBody, ProduceBody, TrimBody } from './requests.js';
import type { TopicLab } from './topic-lab.js';

const PER_SECOND = 5;

/** The lab of the admin API: to see what consumer groups do, on a group of its own. */
@Controller('api/lab')
@UseGuards(RoleGuard)
export class LabController {
  constructor(
    @Inject(Labs) private readonly labs: Labs,
    @Inject(RedisTransport) private readonly transport: RedisTransport,
  ) {}

  @Get()
  all(): { topics: string[] } {
    return { topics: this.labs.running() };
  }

  @Get(':topic')
  one(@Param('topic') topic: string): Promise<LabView> {
    return this.labs.in(topic, (lab) => lab.view());
  }

  @Needs('operate')
  @Delete(':topic')
  @HttpCode(204)
  end(@Param('topic') topic: string): Promise<void> {
    return this.labs.end(topic);
  }

  @Needs('operate')
  @Post(':topic/produce')
  @HttpCode(200)
  async produce(@Param('topic') topic: string, @Body() body: unknown, @Who() who: string): Promise<LabView> {
    const { count } = readBody(ProduceBody, body, 'body');
    const view = await this.after(topic, (lab) => lab.produce(count));
    await this.transport.audit.add(who, 'produce in the lab', { topic, count });
    return view;
  }

  @Needs('operate')
  @Post(':topic/consumers')
  @HttpCode(200)
  add(@Param('topic') topic: string, @Body() body: unknown): Promise<LabView> {
    const { count = 1, perSecond = PER_SECOND } = readBody(AddBody, body ?? {}, 'body');
    return this.after(topic, (lab) => lab.add(count, perSecond));
  }

  @Needs('operate')
  @Delete(':topic/consumers/:name')
  @HttpCode(200)
  remove(@Param('topic') topic: string, @Param('name') name: string): Promise<LabView> {
    return this.after(topic, (lab) => lab.remove(name));
  }

  @Needs('operate')
  @Post(':topic/consumers/:name/crash')
  @HttpCode(200)
  crash(@Param('topic') topic: string, @Param('name') name: string, @Body() body: unknown): Promise<LabView> {
    const { after = 0 } = readBody(CrashBody, body ?? {}, 'body');
    return this.after(topic, async (lab) => lab.crash(name, after));
  }

  @Needs('operate')
  @Post(':topic/claim')
  @HttpCode(200)
  claim(@Param('topic') topic: string, @Body() body: unknown): Promise<LabView> {
    const { minIdleMs = 0 } = readBody(ClaimBody, body ?? {}, 'body');
    return this.after(topic, (lab) => lab.claim(minIdleMs));
  }

  @Needs('operate')
  @Post(':topic/trim')
  @HttpCode(200)
  async trim(
    @Param('topic') topic: string,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<LabView & { trimmed: number }> {
    const { maxLength } = readBody(TrimBody, body, 'body');
    const trimmed = await this.labs.in(topic, (lab) => lab.trim(maxLength));
    await this.transport.audit.add(who, 'trim', { topic, maxLength, trimmed });
    return { ...(await this.labs.in(topic, (lab) => lab.view())), trimmed };
  }

  private after(topic: string, work: (lab: TopicLab) => Promise<void>): Promise<LabView> {
    return this.labs.in(topic, async (lab) => {
      await work(lab);
      return lab.view();
    });
  }
}
