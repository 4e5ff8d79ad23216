import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiKeys } from './api-keys.js';

/** Lets requests pass that hold a known API key; a 401 says what is missing. Needs `ApiKeys` in the module. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  canActivate(context: ExecutionContext): boolean {
    this.keys.identify(context.switchToHttp().getRequest<FastifyRequest>().headers);
    return true;
  }
}
