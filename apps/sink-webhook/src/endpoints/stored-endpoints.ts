import type { RedisTransport } from '@millrace/streams/redis';
import { type Endpoint, EndpointError } from './endpoint.js';
import { parseEndpoint } from './parse-endpoint.js';

/**
 * Endpoints in Redis: a hash of name and JSON, and a counter that goes up with each change. Their secrets are written
 * out: whoever may write to Redis has no say in which variables of this process are read.
 */
export class StoredEndpoints {
  private version: string | null | undefined;
  private known = new Map<string, Endpoint>();
  private readonly redis;

  constructor(private readonly transport: RedisTransport) {
    this.redis = transport.connect('endpoints');
  }

  /**
   * The endpoints if they changed since the last call, else undefined. One that is not valid is told of, and stays as it
   * was before. Rejects with Redis's error.
   */
  async changed(onInvalid: (error: EndpointError) => void): Promise<Endpoint[] | undefined> {
    const { keys } = this.transport;
    const version = await this.redis.get(keys.control('endpoints:version'));
    if (version === this.version) return undefined;
    const stored = Object.entries(await this.redis.hgetall(keys.control('endpoints')));
    this.known = new Map(stored.flatMap(([name, json]) => this.read(name, json, onInvalid)));
    this.version = version;
    return [...this.known.values()];
  }

  private read(name: string, json: string, onInvalid: (error: EndpointError) => void): [string, Endpoint][] {
    try {
      return [[name, parseStored(name, json)]];
    } catch (error) {
      onInvalid(error as EndpointError);
      const before = this.known.get(name);
      return before === undefined ? [] : [[name, before]];
    }
  }
}

const parseStored = (name: string, json: string): Endpoint => {
  const origin = { source: 'Redis', place: `endpoint ${JSON.stringify(name)}` };
  let written: unknown;
  try {
    written = JSON.parse(json);
  } catch {
    throw new EndpointError(`${origin.source}: ${origin.place}: not JSON`); // The parser's own message shows a part of the text.
  }
  return parseEndpoint(isObject(written) ? { ...written, name } : written, origin);
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
