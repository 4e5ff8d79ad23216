import { DefinitionError } from '@millrace/definitions';
import { pointerTo, shown, writeJson } from '@millrace/json';
import { type Pattern, PatternError, parseFilters, parsePattern } from '@millrace/patterns';
import { isName } from '@millrace/streams';
import { checkTransform } from './transform.js';

/** A pattern and the topics that a matching event goes to. */
export interface Route {
  readonly name: string;
  readonly pattern: Pattern;
  readonly topics: readonly string[];
  /** Lower comes first where several routes name a topic. Default 100. */
  readonly priority: number;
  /** JSONata over the event: the members of what it gives are set in the copies. */
  readonly transform?: string;
  /** As it was written. */
  readonly written: WrittenRoute;
}

type Filter = Readonly<Record<string, unknown>>;

/** A route as people write it and Redis holds it; what was not parsed yet may be anything. */
export interface WrittenRoute {
  readonly name: string;
  /** An event pattern, or its JSON. */
  readonly pattern?: Readonly<Record<string, unknown>> | string;
  /** In place of a pattern: filters of the CloudEvents Subscriptions API. */
  readonly filters?: Filter | readonly Filter[];
  readonly topics: string | readonly string[];
  readonly priority?: number;
  readonly transform?: string;
}

/** A route that cannot be used: says which, where and what is accepted. */
export class RouteError extends DefinitionError {
  override readonly name = 'RouteError';

  constructor(message: string, options?: ErrorOptions & { readonly pointer?: string }) {
    super('bad-route', message, options);
  }
}

const KNOWN = new Set(['name', 'pattern', 'filters', 'topics', 'priority', 'transform']);
const DEFAULT_PRIORITY = 100;
const RESERVED = new Set(['diff', 'history', 'rollback', 'test']);

/** The route of its written form: `{ name, pattern or filters, topics, priority?, transform? }`. Throws a `RouteError`. */
export const parseRoute = (written: unknown, where: string): Route => {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new RouteError(`${where}: a route is an object with name, pattern and topics`);
  }
  const { name, pattern, filters, topics, priority = DEFAULT_PRIORITY, transform } = written as Record<string, unknown>;
  if (typeof name !== 'string' || !isName(name)) {
    throw new RouteError(`${where}: name must be 1 to 128 letters, digits, ".", "_" or "-", got ${shown(name)}`, {
      pointer: '/name',
    });
  }
  const at = `route "${name}"`;
  if (RESERVED.has(name)) {
    throw new RouteError(`${at}: that name is reserved by the API`, { pointer: '/name' });
  }
  for (const key of Object.keys(written)) {
    if (!KNOWN.has(key)) {
      const why = `${at}: "${key}" is unknown; a route has ${[...KNOWN].join(', ')}`;
      throw new RouteError(why, { pointer: pointerTo([key]) });
    }
  }
  return {
    name,
    pattern: readPattern(pattern, filters, at),
    topics: readTopics(topics, at),
    priority: readPriority(priority, at),
    ...(transform === undefined ? {} : { transform: readTransform(transform, at) }),
    written: written as WrittenRoute,
  };
};

const readPattern = (pattern: unknown, filters: unknown, at: string): Pattern => {
  if (pattern !== undefined && filters !== undefined) {
    throw new RouteError(`${at}: pattern and filters are both given; only one is allowed`, { pointer: '/filters' });
  }
  if (pattern === undefined && filters === undefined) {
    throw new RouteError(`${at}: pattern is missing`, { pointer: '/pattern' });
  }
  try {
    if (filters !== undefined) return parseFilters(filters);
    return parsePattern(typeof pattern === 'string' ? pattern : writeJson(pattern));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const pointer = filters === undefined ? '/pattern' : '/filters';
    throw new RouteError(`${at}: pattern: ${error.message}`, { cause: error, pointer });
  }
};

const readTopics = (topics: unknown, at: string): readonly string[] => {
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list) || list.length === 0) {
    throw new RouteError(`${at}: topics must be a list of topic names, got ${shown(topics)}`, { pointer: '/topics' });
  }
  for (const topic of list) {
    if (typeof topic !== 'string' || !isName(topic)) {
      throw new RouteError(`${at}: topic must be a name of letters, digits, ".", "_" or "-", got ${shown(topic)}`, {
        pointer: '/topics',
      });
    }
  }
  return [...new Set(list as string[])];
};

const readPriority = (priority: unknown, at: string): number => {
  if (typeof priority !== 'number' || !Number.isInteger(priority)) {
    throw new RouteError(`${at}: priority must be a whole number, got ${shown(priority)}`, { pointer: '/priority' });
  }
  return priority;
};

const readTransform = (transform: unknown, at: string): string => {
  if (typeof transform !== 'string' || transform.trim() === '') {
    throw new RouteError(`${at}: transform must be a JSONata expression, got ${shown(transform)}`, {
      pointer: '/transform',
    });
  }
  try {
    checkTransform(transform);
    return transform;
  } catch (error) {
    throw new RouteError(`${at}: transform: ${(error as Error).message}`, { cause: error, pointer: '/transform' });
  }
};
