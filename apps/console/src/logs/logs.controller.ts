import type { ChangedLogLevel, ListQuery, LogLevelList, LogOrder } from '@millrace/admin-api';
import { Body, Controller, Delete, Get, Inject, Param, Put, Query, UseGuards } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { pageOf } from '../contract/page-of.js';
import { LogLevels } from './log-levels.js';

/** At which level services log, changed while they run; each looks once a second. */
@Controller('api/logs/level')
@UseGuards(RoleGuard)
export class LogsController {
  constructor(@Inject(LogLevels) private readonly levels: LogLevels) {}

  @Get()
  async all(@Query() query: ListQuery): Promise<LogLevelList> {
    return pageOf({ levels: (await this.levels.all()).map((one) => [one.service, one]) }, query);
  }

  @Put(':service')
  set(@Param('service') service: string, @Body() order: LogOrder, @Who() who: string): Promise<ChangedLogLevel> {
    return this.levels.set(service, order, who);
  }

  @Delete(':service')
  reset(@Param('service') service: string, @Who() who: string): Promise<ChangedLogLevel> {
    return this.levels.reset(service, who);
  }
}
