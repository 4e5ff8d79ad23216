import type * as Api from '@millrace/admin-api';
import type { ChangeAuthor } from '@millrace/definitions';
import { HIDDEN, shownUrl } from '@millrace/endpoints';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  UseGuards,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { By, callerOf, OperatorPost, RoleGuard, Who } from '../access/role.guard.js';
import { pageOf } from '../contract/page-of.js';
import { ManagedEndpoints } from './managed-endpoints.js';

/** The path of its URL, which anybody may write to who has it, is for whoever may change it. */
const shownTo = (request: FastifyRequest, view: Api.EndpointView): Api.EndpointView => {
  if (view.endpoint === null || callerOf(request).role === 'admin') return view;
  const text = view.endpoint.url;
  const url = URL.canParse(text) ? shownUrl(new URL(text)) : HIDDEN;
  return { ...view, endpoint: { ...view.endpoint, url } };
};

/** The webhook endpoints of the admin API. Secrets are never shown but once, when one is made. */
@Controller('api/webhooks')
@UseGuards(RoleGuard)
export class WebhooksController {
  constructor(@Inject(ManagedEndpoints) private readonly webhooks: ManagedEndpoints) {}

  @Get()
  async all(@Query() query: Api.ListQuery, @Req() request: FastifyRequest): Promise<Api.EndpointList> {
    const { version, endpoints } = await this.webhooks.all();
    return { version, ...pageOf({ endpoints: endpoints.map((view) => [view.name, shownTo(request, view)]) }, query) };
  }

  @Get(':name')
  async one(@Param('name') name: string, @Req() request: FastifyRequest): Promise<Api.EndpointView> {
    return shownTo(request, await this.webhooks.one(name));
  }

  @Put(':name')
  put(@Param('name') name: string, @Body() body: unknown, @By() by: ChangeAuthor): Promise<Api.SavedEndpoint> {
    return this.webhooks.put(name, body, by);
  }

  @Patch(':name')
  patch(@Param('name') name: string, @Body() body: unknown, @By() by: ChangeAuthor): Promise<Api.SavedEndpoint> {
    return this.webhooks.patch(name, body, by);
  }

  @Delete(':name')
  async delete(@Param('name') name: string, @By() by: ChangeAuthor): Promise<Api.AtVersion> {
    return { version: await this.webhooks.delete(name, by) };
  }

  @OperatorPost(':name/on')
  on(@Param('name') name: string, @Who() who: string): Promise<Api.EnabledEndpoint> {
    return this.webhooks.switchOn(name, who);
  }

  @OperatorPost(':name/off')
  off(@Param('name') name: string, @Who() who: string): Promise<Api.DisabledEndpoint> {
    return this.webhooks.switchOff(name, who);
  }

  @Post(':name/rotate')
  @HttpCode(200)
  rotate(
    @Param('name') name: string,
    @Body() { secret }: Api.SecretRotation,
    @Who() who: string,
  ): Promise<Api.RotatedEndpoint> {
    return this.webhooks.rotate(name, secret, who);
  }

  @Get(':name/attempts')
  attempts(@Param('name') name: string, @Query() query: Api.NewestQuery): Promise<Api.EndpointAttemptList> {
    return this.webhooks.attempts(name, query);
  }

  @OperatorPost(':name/test', 202)
  test(@Param('name') name: string, @Who() who: string): Promise<Api.TestEvent> {
    return this.webhooks.test(name, who);
  }

  @OperatorPost(':name/resend', 202)
  resend(
    @Param('name') name: string,
    @Body() { unfiltered, ...place }: Api.ResendOrder,
    @Who() who: string,
  ): Promise<Api.Resent> {
    return this.webhooks.resend(name, place, unfiltered, who);
  }
}
