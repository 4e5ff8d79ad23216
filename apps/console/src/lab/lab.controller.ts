import type * as Api from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { Needs, OperatorPost, RoleGuard, Who } from '../access/role.guard.js';
import { pageOf } from '../contract/page-of.js';
import { missing } from '../contract/problems.js';
import { Labs } from './labs.js';
import type { TopicLab } from './topic-lab.js';

/** The lab of the admin API: to see what consumer groups do, on a copy of a topic's newest events. */
@Controller('api/lab')
@UseGuards(RoleGuard)
export class LabController {
  constructor(
    @Inject(Labs) private readonly labs: Labs,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @Get()
  all(@Query() query: Api.ListQuery): Api.LabList {
    return pageOf({ topics: this.labs.running().map((topic) => [topic, topic]) }, query);
  }

  @Get(':topic')
  one(@Param('topic') topic: string): Promise<Api.Lab> {
    return this.labs.in(topic, (lab) => lab.view());
  }

  @Needs('operate')
  @Delete(':topic')
  @HttpCode(204)
  async end(@Param('topic') topic: string, @Who() who: string): Promise<void> {
    if (!this.labs.running().includes(topic)) {
      throw missing(`No lab of "${topic.slice(0, 100)}" is running at this console`);
    }
    await this.labs.end(topic);
    await this.operations.audit.add(who, 'end the lab', { topic });
  }

  @OperatorPost(':topic/produce')
  produce(@Param('topic') topic: string, @Body() { count }: Api.LabEvents, @Who() who: string): Promise<Api.Lab> {
    return this.audited(who, 'produce in the lab', { topic, count }, (lab) => lab.produce(count));
  }

  @OperatorPost(':topic/consumers')
  add(
    @Param('topic') topic: string,
    @Body() { count, perSecond }: Api.LabConsumers,
    @Who() who: string,
  ): Promise<Api.Lab> {
    const detail = { topic, count, perSecond };
    return this.audited(who, 'add consumers in the lab', detail, (lab) => lab.add(count, perSecond));
  }

  @Needs('operate')
  @Delete(':topic/consumers/:name')
  remove(@Param('topic') topic: string, @Param('name') name: string, @Who() who: string): Promise<Api.Lab> {
    return this.audited(who, 'remove a consumer in the lab', { topic, name }, (lab) => lab.remove(name));
  }

  @OperatorPost(':topic/consumers/:name/crash')
  crash(
    @Param('topic') topic: string,
    @Param('name') name: string,
    @Body() { after }: Api.LabCrash,
    @Who() who: string,
  ): Promise<Api.Lab> {
    const detail = { topic, name, after };
    return this.audited(who, 'crash a consumer in the lab', detail, async (lab) => lab.crash(name, after));
  }

  @OperatorPost(':topic/claim')
  claim(@Param('topic') topic: string, @Body() { minIdleMs }: Api.LabClaim, @Who() who: string): Promise<Api.Lab> {
    return this.audited(who, 'claim in the lab', { topic, minIdleMs }, (lab) => lab.claim(minIdleMs));
  }

  @OperatorPost(':topic/trim')
  async trim(
    @Param('topic') topic: string,
    @Body() { maxLength }: Api.LabTrim,
    @Who() who: string,
  ): Promise<Api.TrimmedLab> {
    const trimmed = await this.labs.in(topic, (lab) => lab.trim(maxLength));
    await this.operations.audit.add(who, 'trim in the lab', { topic, maxLength, trimmed });
    return { ...(await this.labs.in(topic, (lab) => lab.view())), trimmed };
  }

  private async audited(
    who: string,
    action: string,
    detail: { readonly topic: string } & Readonly<Record<string, unknown>>,
    work: (lab: TopicLab) => Promise<void>,
  ): Promise<Api.Lab> {
    await this.labs.in(detail.topic, work);
    await this.operations.audit.add(who, action, detail);
    return this.labs.in(detail.topic, (lab) => lab.view());
  }
}
