import type { AuditPage, NewestQuery } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Controller, Get, Inject, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { RoleGuard } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';

/** `GET /api/audit`: what was done by hand, newest first. */
@Controller('api/audit')
@UseGuards(RoleGuard)
export class AuditController {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  @UseInterceptors(InTurn)
  @Get()
  newest(@Query() { limit, cursor }: NewestQuery): Promise<AuditPage> {
    return this.operations.audit.newestPage(limit, cursor);
  }
}
