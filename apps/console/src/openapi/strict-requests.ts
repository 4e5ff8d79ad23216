import { ADMIN_API, type AdminApiDocument } from '@millrace/admin-api';
import { problem, RequestRefused } from '@millrace/host';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

/** What a request of an operation may hold beside its path. */
interface Known {
  readonly parameters: readonly string[];
  readonly takesBody: boolean;
}

const CHANGES = ['post', 'put', 'patch', 'delete'] as const;

/**
 * Refuses what an operation that changes something does not know in its query, and a body where it takes none: ignored, it
 * would be done without what was asked for, as a delete whose `?verison=3` guards nothing. Members of bodies are checked
 * where they are read.
 */
@Injectable()
export class StrictRequests implements NestInterceptor {
  private readonly operations = operationsOf(ADMIN_API);

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const known = this.operations.get(`${request.method} ${request.routeOptions.url}`);
    if (known !== undefined) refuseUnknown(request, known);
    return next.handle();
  }
}

const refuseUnknown = ({ query, body }: FastifyRequest, { parameters, takesBody }: Known): void => {
  const stray = Object.keys((query ?? {}) as object).find((name) => !parameters.includes(name));
  if (stray !== undefined) {
    const taken = parameters.length === 0 ? 'this takes none' : `taken are ${parameters.join(', ')}`;
    throw refused(`the parameter "${stray.slice(0, 100)}" is not known; ${taken}`, stray.slice(0, 100));
  }
  if (!takesBody && !isEmpty(body)) throw refused('there is a body; this takes none');
};

const refused = (detail: string, pointer?: string): RequestRefused =>
  new RequestRefused(problem('bad-request', 400, detail, pointer));

/** Programs that send a body with all that they post send an empty one. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);

const operationsOf = ({ paths }: AdminApiDocument): ReadonlyMap<string, Known> =>
  new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      CHANGES.flatMap((method) => {
        const operation = operations[method];
        if (operation === undefined) return [];
        const { parameters = [], requestBody } = operation;
        const names = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
        const known = { parameters: names, takesBody: requestBody !== undefined };
        return [[`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, known] as const];
      }),
    ),
  );
