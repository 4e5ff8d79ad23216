import type { AuditPage } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { Controller, Get, Inject, Query, UseGuards, UseInterceptors } from '@nestjs/common';
import { RoleGuard } from '../access/role.guard.js';
import { InTurn } from '../answers/in-turn.js';
import { readLimit, refused } from '../query.js';

/** `GET /api/audit`: what was done by hand, newest first. */
@Controller('api/audit')
@UseGuards(RoleGuard)
export class AuditController {
  constructor(@Inject(Operations) private readonly operations: Operations) {}

  @UseInterceptors(InTurn)
  @Get()
  async newest(@Query('limit') limit?: string, @Query('cursor') cursor?: string): Promise<AuditPage> {
    if (cursor !== undefined && !/^\d{1,16}-\d{1,16}$/.test(cursor)) {
      throw refused('cursor', cursor, 'the `next` of an earlier answer');
    }
    return this.operations.audit.newestPage(readLimit(limit, 50), cursor);
  }
}
