import type { ChangeQuery } from '@millrace/admin-api';
import type { ChangeAuthor } from '@millrace/definitions';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  Inject,
  Injectable,
  Post,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Access, type Caller, type Role } from './access.js';

const NEEDED = 'role';
const callers = new WeakMap<FastifyRequest, Caller>();

/** The least role that a method takes. Without it a `GET` takes `read`, and anything else `admin`. */
export const Needs = (role: Role) => SetMetadata(NEEDED, role);

/** A `POST` for who operates: it takes the role `operate`. Its answer is a 200 unless another status is given. */
export const OperatorPost = (path: string, status = 200) =>
  applyDecorators(Needs('operate'), Post(path), HttpCode(status));

/** The short name of who sent the request, for the audit. */
export const Who = createParamDecorator(
  (_: unknown, context: ExecutionContext): string => callerOf(context.switchToHttp().getRequest()).name,
);

/** Who changes something that has versions, and the version that they expect, if they say so. */
export const By = createParamDecorator((_: unknown, context: ExecutionContext): ChangeAuthor => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { who: callerOf(request).name, expected: (request.query as ChangeQuery).version };
});

/** Who sent a request that the guard let through. */
export const callerOf = (request: FastifyRequest): Caller => callers.get(request) as Caller;

/** Lets requests through whose key has the role that the method takes. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    @Inject(Access) private readonly access: Access,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const needed = this.reflector.get<Role | undefined>(NEEDED, context.getHandler());
    callers.set(request, this.access.admit(request, needed ?? (request.method === 'GET' ? 'read' : 'admin')));
    return true;
  }
}
