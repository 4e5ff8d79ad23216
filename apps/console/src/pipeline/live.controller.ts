import { Controller, Get, Inject, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RoleGuard } from '../access/role.guard.js';
import { startEventStream } from '../event-stream.js';
import { Live } from './live.js';

/** `GET /api/live`: server-sent events, `snapshot` with all the page shows, `trouble` while Redis is away. */
@Controller('api/live')
@UseGuards(RoleGuard)
export class LiveController {
  constructor(@Inject(Live) private readonly live: Live) {}

  @Get()
  watch(@Res() reply: FastifyReply): void {
    this.live.watch(startEventStream(reply));
  }
}
