import { ADMIN_API, type Json } from '@millrace/admin-api';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';

const DOCUMENT = 'admin-api.json';
/** Paths that are no part of the API, or are described elsewhere. */
const API = /^\/api\//;
/** What the gateway answered, which its own document describes. */
const PASSED_ON = '/api/events';

/** The same part of the document, in which an object has no members but those that it names. */
const closed = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const members = Object.entries(part).map(([name, value]) => [name, closed(value)] as const);
  const isOpen = 'properties' in part && !('additionalProperties' in part) && (part as Json)['type'] === 'object';
  return { ...Object.fromEntries(members), ...(isOpen ? { additionalProperties: false } : {}) };
};

const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addSchema(closed(ADMIN_API) as AnySchemaObject, DOCUMENT);

const escaped = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
const validators = new Map<string, ValidateFunction>();
/** The validator of the schema at a place in the document. */
const validatorAt = (...place: readonly string[]): ValidateFunction => {
  const $ref = `${DOCUMENT}#/${place.map(escaped).join('/')}`;
  const found = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, found);
  return found;
};

const faultsIn = (value: unknown, validate: ValidateFunction): string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
      );

/** How a value differs from a schema of the document. */
export const faultsOf = (name: string, value: unknown): string[] =>
  faultsIn(value, validatorAt('components', 'schemas', name));

interface Answered {
  readonly method: string;
  /** As the controllers have it: `/api/routes/:name`; undefined where nothing has it. */
  readonly route: string | undefined;
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** How an answer differs from what the document says of it. */
const faultsOfAnswer = ({ method, route, status, type, body }: Answered): string[] => {
  const isProblem = type.startsWith('application/problem+json');
  if (route === undefined) return isProblem ? faultsOf('Problem', JSON.parse(body)) : ['it is no problem'];
  const path = route.replace(/:(\w+)/g, '{$1}');
  const operation = ADMIN_API.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) return ['the document has no such operation'];
  const described = operation.responses[status];
  if (described === undefined) return ['the document has no such status'];
  if (described.content === undefined) return body === '' ? [] : ['it has a body'];
  const media = type.split(';')[0] as string;
  if (described.content[media] === undefined) return [`the document has no ${media || 'body'} there`];
  if (!/json$/.test(media)) return [];
  const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema'];
  return faultsIn(JSON.parse(body), validatorAt(...place));
};

/** Holds each answer of a console to the document. */
export class DescribedAnswers {
  private readonly faults: string[] = [];

  /** Of an app that does not listen yet. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onSend', async (request, reply, payload) => {
      const { method, routeOptions, url } = request;
      if (!API.test(url) || routeOptions.url === PASSED_ON || method === 'HEAD') return payload;
      const body = typeof payload === 'string' ? payload : '';
      const type = String(reply.getHeader('content-type') ?? '');
      const answered = { method, route: routeOptions.url, status: reply.statusCode, type, body };
      for (const fault of faultsOfAnswer(answered)) this.faults.push(`${method} ${url} ${reply.statusCode}: ${fault}`);
      return payload;
    });
  }

  /** Throws where one was not as it is described. */
  check(): void {
    if (this.faults.length > 0)
      throw new Error(`answers that the document does not describe:\n${this.faults.join('\n')}`);
  }
}
