import type { Partitions, RaisedPartitions, RaiseOrder } from '@millrace/admin-api';
import { Operations, RaiseRefused } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { refusal } from '../contract/problems.js';

/** `GET /api/partitions`, and the raising of their number. */
@Controller('api/partitions')
@UseGuards(RoleGuard)
export class PartitionsController {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @Get()
  async read(): Promise<Partitions> {
    const { count, raise } = await this.transport.partitions.read();
    return { count, raising: raise === undefined ? null : { to: raise.to } };
  }

  @Post('raise')
  @HttpCode(200)
  async raise(@Body() { to, waitMs }: RaiseOrder, @Who() who: string): Promise<RaisedPartitions> {
    const { from, ...raised } = await this.operations.raiser.raise(to, waitMs).catch(asProblem);
    const closedMs = Math.round(raised.closedMs);
    if (from < to) await this.operations.audit.add(who, 'raise partitions', { from, to, closedMs });
    return { from, to: raised.to, closedMs };
  }
}

/** A 422 for what can never be, a 409 for what is in the way. */
const asProblem = (error: unknown): never => {
  if (!(error instanceof RaiseRefused)) throw error;
  const [code, status] = error.kind === 'invalid' ? (['bad-partitions', 422] as const) : (['conflict', 409] as const);
  throw refusal(code, status, error.message, '/to');
};
