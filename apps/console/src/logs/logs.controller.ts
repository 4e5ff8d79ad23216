import { type LogSetting, RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, UseGuards } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { readBody } from '../read-body.js';
import { LogLevelBody, ServicePath } from './requests.js';

/** A level that somebody set. */
interface SetLevel extends LogSetting {
  readonly service: string;
}

/** At which level services log, changed while they run; each looks once a second. */
@Controller('api/logs/level')
@UseGuards(RoleGuard)
export class LogsController {
  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  @Get()
  async levels(): Promise<{ readonly levels: readonly SetLevel[] }> {
    const levels = await this.transport.controls.logLevels();
    const sorted = [...levels].sort(([a], [b]) => (a < b ? -1 : 1));
    return { levels: sorted.map(([service, { level, until }]) => ({ service, level, until })) };
  }

  @Put(':service')
  @HttpCode(200)
  async set(@Param() path: unknown, @Body() body: unknown, @Who() who: string): Promise<SetLevel> {
    const { service } = readBody(ServicePath, path, 'path');
    const { level, seconds } = readBody(LogLevelBody, body, 'body');
    const setting = { level, until: seconds === undefined ? null : Date.now() + seconds * 1000 };
    await this.transport.controls.setLogLevel(service, setting);
    await this.transport.audit.add(who, 'set log level', { service, ...setting });
    return { service, ...setting };
  }

  /** Gives a service its own level back; not an error where it has it. */
  @Delete(':service')
  @HttpCode(204)
  async reset(@Param() path: unknown, @Who() who: string): Promise<void> {
    const { service } = readBody(ServicePath, path, 'path');
    await this.transport.controls.setLogLevel(service, null);
    await this.transport.audit.add(who, 'reset log level', { service });
  }
}
