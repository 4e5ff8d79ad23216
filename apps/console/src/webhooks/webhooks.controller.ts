import type { Attempt } from '@millrace/endpoints';
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
  UseGuards,
} from '@nestjs/common';
import { Needs, RoleGuard, Who } from '../access/role.guard.js';
import { readLimit, readWhole } from '../query.js';
import { readBody } from '../read-body.js';
import type { EndpointView } from './endpoint-view.js';
import { ResendBody, RotateBody } from './requests.js';
import { type Saved, Webhooks } from './webhooks.js';

/** The webhook endpoints of the admin API. Secrets are never shown but once, when one is made. */
@Controller('api/webhooks')
@UseGuards(RoleGuard)
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @Get()
  all(): Promise<{ version: number; endpoints: EndpointView[] }> {
    return this.webhooks.all();
  }

  @Get(':name')
  one(@Param('name') name: string): Promise<EndpointView> {
    return this.webhooks.one(name);
  }

  @Put(':name')
  put(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<Saved> {
    return this.webhooks.put(name, body, who, readWhole('version', version));
  }

  @Patch(':name')
  patch(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<Saved> {
    return this.webhooks.patch(name, body, who, readWhole('version', version));
  }

  @Delete(':name')
  async delete(
    @Param('name') name: string,
    @Query('version') version: string | undefined,
    @Who() who: string,
  ): Promise<{ version: number }> {
    return { version: await this.webhooks.delete(name, who, readWhole('version', version)) };
  }

  @Needs('operate')
  @Post(':name/on')
  @HttpCode(200)
  on(
    @Param('name') name: string,
    @Who() who: string,
  ): Promise<{ wasOff: boolean; rescheduled: number; waiting: number }> {
    return this.webhooks.switchOn(name, who);
  }

  @Needs('operate')
  @Post(':name/off')
  @HttpCode(200)
  off(@Param('name') name: string, @Who() who: string): Promise<{ wasOff: boolean }> {
    return this.webhooks.switchOff(name, who);
  }

  @Post(':name/rotate')
  @HttpCode(200)
  rotate(
    @Param('name') name: string,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<{ secret: string; version: number }> {
    const { secret } = readBody(RotateBody, body ?? {}, 'body');
    return this.webhooks.rotate(name, secret, who);
  }

  @Get(':name/attempts')
  async attempts(@Param('name') name: string, @Query('limit') limit?: string): Promise<{ attempts: Attempt[] }> {
    return { attempts: await this.webhooks.attempts(name, readLimit(limit, 50)) };
  }

  @Needs('operate')
  @Post(':name/test')
  @HttpCode(202)
  test(@Param('name') name: string, @Who() who: string): Promise<{ id: string; warnings: readonly string[] }> {
    return this.webhooks.test(name, who);
  }

  @Needs('operate')
  @Post(':name/resend')
  @HttpCode(202)
  resend(
    @Param('name') name: string,
    @Body() body: unknown,
    @Who() who: string,
  ): Promise<{ warnings: readonly string[] }> {
    const { stream, position, partition = 0, unfiltered = false } = readBody(ResendBody, body, 'body');
    return this.webhooks.resend(name, { stream, position, partition }, unfiltered, who);
  }
}
