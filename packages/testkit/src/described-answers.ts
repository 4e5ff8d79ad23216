import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';

type Json = Readonly<Record<string, unknown>>;

/** What is asked of an OpenAPI document. */
interface Document {
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
}
type Responses = Readonly<Record<string, { readonly content?: Json }>>;

/** What is looked at of a request and a reply of Fastify. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly routeOptions: { readonly url?: string | undefined };
}
interface Reply {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

const DOCUMENT = 'api.json';

/** The same part of the document, in which an object has no members but those that it names. */
const closed = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const members = Object.entries(part).map(([name, value]) => [name, closed(value)] as const);
  const isOpen = 'properties' in part && !('additionalProperties' in part) && (part as Json)['type'] === 'object';
  return { ...Object.fromEntries(members), ...(isOpen ? { additionalProperties: false } : {}) };
};

const escaped = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

/** What answers are held to, compiled once a process for each document. */
class Schemas {
  private static readonly ofDocuments = new WeakMap<Document, Schemas>();
  private readonly ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
  });
  private readonly validators = new Map<string, ValidateFunction>();

  private constructor(document: Document) {
    this.ajv.addSchema(closed(document) as AnySchemaObject, DOCUMENT);
  }

  static of(document: Document): Schemas {
    const schemas = Schemas.ofDocuments.get(document) ?? new Schemas(document);
    Schemas.ofDocuments.set(document, schemas);
    return schemas;
  }

  /** For the schema at a place in the document. */
  at(place: readonly string[]): ValidateFunction {
    const $ref = `${DOCUMENT}#/${place.map(escaped).join('/')}`;
    const validate = this.validators.get($ref) ?? this.ajv.compile({ $ref });
    this.validators.set($ref, validate);
    return validate;
  }
}

/** Holds each answer of an API to its OpenAPI document: a status, a media type or a member that this does not name is a fault. */
export class DescribedAnswers {
  private readonly faults: string[] = [];
  private readonly schemas: Schemas;

  constructor(
    private readonly document: Document,
    /** The paths of the API. */
    private readonly paths: RegExp,
  ) {
    this.schemas = Schemas.of(document);
  }

  /** A hook of Fastify, `onSend`. */
  readonly hold = async (request: Request, reply: Reply, payload: unknown): Promise<unknown> => {
    const { method, url } = request;
    if (!this.paths.test(url) || method === 'HEAD') return payload;
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? String(payload) : '';
    for (const fault of this.faultsOfAnswer(request, reply, body))
      this.faults.push(`${method} ${url} ${reply.statusCode}: ${fault}`);
    return payload;
  };

  /** How a value differs from a schema of the document. */
  faultsOf(name: string, value: unknown): string[] {
    return this.faultsIn(value, 'components', 'schemas', name);
  }

  /** Throws where an answer was not as it is described. */
  check(): void {
    if (this.faults.length > 0)
      throw new Error(`answers that the document does not describe:\n${this.faults.join('\n')}`);
  }

  private faultsOfAnswer({ method, routeOptions }: Request, reply: Reply, body: string): string[] {
    const media = String(reply.getHeader('content-type') ?? '').split(';')[0] as string;
    if (routeOptions.url === undefined)
      return media === 'application/problem+json' ? this.faultsOf('Problem', JSON.parse(body)) : ['it is no problem'];
    const path = routeOptions.url.replace(/:(\w+)/g, '{$1}');
    const operation = this.document.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) return ['the document has no such operation'];
    const described = operation.responses[reply.statusCode];
    if (described === undefined) return ['the document has no such status'];
    if (described.content === undefined) return body === '' ? [] : ['it has a body'];
    if (described.content[media] === undefined) return [`the document has no ${media || 'body'} there`];
    if (!/json$/.test(media)) return [];
    const place = [
      'paths',
      path,
      method.toLowerCase(),
      'responses',
      String(reply.statusCode),
      'content',
      media,
      'schema',
    ];
    return this.faultsIn(JSON.parse(body), ...place);
  }

  /** Against the schema at a place in the document. */
  private faultsIn(value: unknown, ...place: readonly string[]): string[] {
    const validate = this.schemas.at(place);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  }
}
