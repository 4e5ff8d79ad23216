import { problem, RequestRefused } from '@millrace/host';
import { Operations, type Raised, RaiseRefused } from '@millrace/operations';
import { RedisTransport } from '@millrace/streams/redis';
import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { RoleGuard, Who } from '../access/role.guard.js';
import { readBody } from '../read-body.js';
import { RaiseBody } from './requests.js';

const WAIT_MS = 60_000;

/** How many partitions there are. */
interface PartitionsView {
  readonly count: number;
  /** Of a raise that is under way. */
  readonly raising: { readonly to: number } | null;
}

/** `GET /api/partitions`, and the raising of their number. */
@Controller('api/partitions')
@UseGuards(RoleGuard)
export class PartitionsController {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  @Get()
  async read(): Promise<PartitionsView> {
    const { count, raise } = await this.transport.partitions.read();
    return { count, raising: raise === undefined ? null : { to: raise.to } };
  }

  @Post('raise')
  @HttpCode(200)
  async raise(@Body() given: unknown, @Who() who: string): Promise<Raised> {
    const { to, waitMs = WAIT_MS } = readBody(RaiseBody, given, 'body');
    const raised = await this.operations.raiser.raise(to, waitMs).catch(asProblem);
    const { from, closedMs } = raised;
    if (from < to) await this.operations.audit.add(who, 'raise partitions', { from, to, closedMs });
    return raised;
  }
}

/** A 422 for what can never be, a 409 for what is in the way. */
const asProblem = (error: unknown): never => {
  if (!(error instanceof RaiseRefused)) throw error;
  const [code, status] = error.kind === 'invalid' ? (['bad-partitions', 422] as const) : (['conflict', 409] as const);
  throw new RequestRefused(problem(code, status, error.message));
};
