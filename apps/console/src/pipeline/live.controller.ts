import { Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { RoleGuard } from '../access/role.guard.js';
import { startEventStream } from '../answers/event-stream.js';
import { Live } from './live.js';

/** `GET /api/live`: server-sent events, `snapshot` with all the page shows, `trouble` while Redis is away. */
@Controller('api/live')
@UseGuards(RoleGuard)
export class LiveController {
  constructor(
    @Inject(Live) private readonly live: Live,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  watch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.access.endWithKey(request, 'read', reply.raw);
    this.live.watch(startEventStream(reply));
  }
}
