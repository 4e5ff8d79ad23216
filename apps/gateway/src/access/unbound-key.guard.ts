import { ApiKeys } from '@millrace/api-keys';
import { problem, RequestRefused } from '@millrace/host';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Keeps API keys that are bound to sources or types from what is of all sources; a 403 says so. */
@Injectable()
export class UnboundKeyGuard implements CanActivate {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  canActivate(context: ExecutionContext): boolean {
    const principal = this.keys.identify(context.switchToHttp().getRequest<FastifyRequest>().headers);
    if (!principal.isBound) return true;
    const detail = 'This API key is restricted to sources or types; this requires an unrestricted key';
    throw new RequestRefused(problem('forbidden', 403, detail));
  }
}
