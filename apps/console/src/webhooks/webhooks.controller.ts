import type { Attempt } from '@millrace/endpoints';
import { ApiKeyGuard, ApiKeys } from '@millrace/host';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  UseGuards,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { readLimit, readWhole } from '../query.js';
import { readBody } from '../read-body.js';
import { ResendBody, RotateBody } from './requests.js';
import { type EndpointView, Webhooks } from './webhooks.js';

/** The webhook endpoints of the admin API. Secrets are never shown but once, when one is made. */
@Controller('api/webhooks')
@UseGuards(ApiKeyGuard)
export class WebhooksController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  @Get()
  all(): Promise<{ version: number; endpoints: EndpointView[] }> {
    return this.webhooks.all();
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<EndpointView> {
    return this.webhooks.one(name);
  }

  @Put(':name')
  async put(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ version: number }> {
    return { version: await this.webhooks.put(name, body, this.who(request), readWhole('version', version)) };
  }

  @Delete(':name')
  async delete(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<{ version: number }> {
    return { version: await this.webhooks.delete(name, this.who(request), readWhole('version', version)) };
  }

  @Post(':name/on')
  @HttpCode(204)
  on(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    return this.webhooks.switchOn(name, this.who(request));
  }

  @Post(':name/off')
  @HttpCode(204)
  off(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    return this.webhooks.switchOff(name, this.who(request));
  }

  @Post(':name/rotate')
  @HttpCode(200)
  rotate(
    @Param('name') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ secret: string; version: number }> {
    const { secret } = readBody(RotateBody, body ?? {}, 'body');
    return this.webhooks.rotate(name, secret, this.who(request));
  }

  @Get(':name/attempts')
  async attempts(@Param('name') name: string, @Query('limit') limit?: string): Promise<{ attempts: Attempt[] }> {
    return { attempts: await this.webhooks.attempts(name, readLimit(limit, 50)) };
  }

  @Post(':name/test')
  @HttpCode(202)
  test(@Param('name') name: string, @Req() request: FastifyRequest): Promise<{ id: string }> {
    return this.webhooks.test(name, this.who(request));
  }

  @Post(':name/resend')
  @HttpCode(204)
  resend(@Param('name') name: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<void> {
    const { stream, position, partition = 0 } = readBody(ResendBody, body, 'body');
    return this.webhooks.resend(name, { stream, position, partition }, this.who(request));
  }

  private who(request: FastifyRequest): string {
    return this.keys.identify(request.headers);
  }
}
