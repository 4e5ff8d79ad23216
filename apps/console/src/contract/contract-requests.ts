import { ADMIN_API, type ApiDocument } from '@millrace/admin-api';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { RequestReader } from './request-reader.js';
import { RequestSchemas } from './request-schemas.js';

/**
 * Holds every request to its operation in the contract, before anything is done: so handlers take what the contract says, with
 * its defaults, and parameters are numbers and lists where it has those.
 */
@Injectable()
export class ContractRequests implements NestInterceptor {
  private readonly readers = readersOf(ADMIN_API);

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    this.readers.get(`${method} ${request.routeOptions.url}`)?.read(request);
    return next.handle();
  }
}

/** By method and path as the controllers have them: `PUT /api/routes/:name`. */
const readersOf = ({ paths, components }: ApiDocument): ReadonlyMap<string, RequestReader> => {
  const schemas = new RequestSchemas(components.schemas);
  return new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        new RequestReader(schemas, operation),
      ]),
    ),
  );
};
