import { ApiKeys } from '@millrace/api-keys';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Lets requests pass whose API key may publish; a 401 or a 403 says what is missing. */
@Injectable()
export class PublisherGuard implements CanActivate {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  canActivate(context: ExecutionContext): boolean {
    this.keys.admit(context.switchToHttp().getRequest<FastifyRequest>().headers, 'publish');
    return true;
  }
}
