import type { DescribedOperation, DescribedParameter } from '@millrace/admin-api';
import type { FastifyRequest } from 'fastify';
import { refusal } from './problems.js';
import type { Hold, RequestSchemas } from './request-schemas.js';

/** Reads the requests of one operation, as its contract has them. */
export class RequestReader {
  private readonly inQuery: readonly DescribedParameter[];
  private readonly holdPath: Hold;
  private readonly holdQuery: Hold;
  private readonly holdBody: Hold | undefined;
  private readonly takesBody: boolean;

  constructor(schemas: RequestSchemas, operation: DescribedOperation) {
    const of = (part: 'path' | 'query') => (operation.parameters ?? []).filter((one) => one.in === part);
    this.inQuery = of('query');
    this.holdPath = schemas.parameters(of('path'), 'path');
    this.holdQuery = schemas.parameters(this.inQuery, 'query');
    this.holdBody = schemas.body(operation);
    this.takesBody = operation.requestBody !== undefined;
  }

  /** Puts in what was read. Throws a 400. */
  read(request: FastifyRequest): void {
    this.holdPath(request.params);
    const query = this.parsed(request.query as Readonly<Record<string, unknown>>);
    this.holdQuery(query);
    request.query = query;
    if (!this.takesBody && !isEmpty(request.body)) {
      throw refusal('bad-request', 400, 'a body is not allowed here');
    }
    if (this.holdBody === undefined) return;
    request.body ??= {};
    this.holdBody(request.body);
  }

  /** A query with the values that its texts stand for. */
  private parsed(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const values = { ...query };
    for (const { name, schema } of this.inQuery) {
      const value = values[name];
      if (typeof value === 'string') values[name] = PARSERS[String(schema['type'])]?.(value) ?? value;
    }
    return values;
  }
}

/** What a text stands for where a parameter is no text; undefined where it stands for nothing. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  integer: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  boolean: (text) => text === 'true' || (text === 'false' ? false : undefined),
  array: (text) => [text],
};

/** Programs that send a body with all that they post send an empty one. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
