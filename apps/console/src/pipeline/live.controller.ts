import { ApiKeyGuard } from '@millrace/host';
import { Controller, Get, Inject, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Live } from './live.js';

/** `GET /api/live`: server-sent events, `snapshot` with all the page shows, `trouble` while Redis is away. */
@Controller('api/live')
@UseGuards(ApiKeyGuard)
export class LiveController {
  constructor(@Inject(Live) private readonly live: Live) {}

  @Get()
  watch(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.live.watch(reply.raw);
  }
}
