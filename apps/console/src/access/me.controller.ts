import type { Me } from '@millrace/admin-api';
import { Controller, Get, Inject, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConsoleConfig } from '../console-config.js';
import { Access } from './access.js';
import { callerOf, RoleGuard } from './role.guard.js';

/** `GET /api/me`: what the key of the request may do. */
@Controller('api/me')
@UseGuards(RoleGuard)
export class MeController {
  constructor(
    @Inject(Access) private readonly access: Access,
    @Inject(ConsoleConfig) private readonly config: ConsoleConfig,
  ) {}

  @Get()
  me(@Req() request: FastifyRequest): Me {
    return { ...callerOf(request), auth: this.access.isOpen ? 'off' : 'on', lab: this.config.LAB === 'on' };
  }
}
