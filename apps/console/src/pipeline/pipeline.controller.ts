import type { FindingList, Summary } from '@millrace/admin-api';
import { absentFinding, entriesFinding, Operations } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { RoleGuard } from '../access/role.guard.js';
import { startEventStream } from '../answers/event-stream.js';
import { Observer } from '../observation/observer.js';
import { ManagedEndpoints } from '../webhooks/managed-endpoints.js';
import { Live } from './live.js';

/** A group that says nothing for so long is hardly being restarted. */
const ABSENT_AFTER_MS = 3_600_000;

/** The admin API: the state of the whole pipeline, also as it goes on. */
@Controller('api')
@UseGuards(RoleGuard)
export class PipelineController {
  constructor(
    @Inject(Observer) private readonly observer: Observer,
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(ManagedEndpoints) private readonly webhooks: ManagedEndpoints,
    @Inject(Live) private readonly live: Live,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get('summary')
  async summary(): Promise<Summary> {
    return (await this.observer.look()).summary;
  }

  @Get('doctor')
  async doctor(): Promise<FindingList> {
    const streams = await this.operations.readStreams();
    const [server, states, groups, absent, endpoints] = await Promise.all([
      this.transport.server.examine(),
      this.transport.streams.inspect(streams),
      this.operations.doctor.examine(streams),
      this.operations.absent.all(ABSENT_AFTER_MS),
      this.webhooks.examine(),
    ]);
    const entries = entriesFinding(streams, states);
    return { findings: [...server, entries, ...groups, ...absent.map(absentFinding), ...endpoints] };
  }

  /** Server-sent events: `snapshot` with all the page shows, `trouble` while Redis is away. */
  @Get('live')
  watch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.access.endWithKey(request, 'read', reply.raw);
    this.live.watch(startEventStream(reply));
  }
}
