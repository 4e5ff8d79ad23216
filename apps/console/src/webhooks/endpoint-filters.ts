import { type EndpointAbout, EndpointError, EndpointStore, parseEndpoint } from '@millrace/endpoints';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { type EventFilter, eventFilterOf } from '../topics/event-filter.js';

export interface EndpointFilter {
  readonly endpoint: string;
  /** It was deleted: what is sent to it now waits for nobody. */
  readonly isGone: boolean;
  readonly topics: EndpointAbout['topics'];
  /** Undefined: all of its topics. */
  readonly pattern: EventFilter | undefined;
}

/** Whether the endpoint gets events of a topic; undefined is a stream that is none. */
export const takesTopic = ({ topics }: EndpointFilter, topic: string | undefined): boolean =>
  topics === '*' || (topic !== undefined && topics.includes(topic));

/** What endpoints get, as they are written in Redis, else as the sink that serves them says. */
@Injectable()
export class EndpointFilters {
  private readonly store: EndpointStore;

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {
    this.store = new EndpointStore(transport);
  }

  /** Of the endpoint whose deliveries are a group; undefined where it is none. Rejects with `Unavailable`. */
  async ofGroup(group: string): Promise<EndpointFilter | undefined> {
    const found = (await this.transport.registry.groups()).find((one) => one.group === group);
    const stream = found?.streams.find((name) => name.startsWith('hook:'));
    return stream === undefined ? undefined : this.of(stream.slice('hook:'.length));
  }

  async of(endpoint: string): Promise<EndpointFilter> {
    const [{ definitions: endpoints }, groups] = await Promise.all([
      this.store.written(),
      this.transport.registry.groups(),
    ]);
    const about = groups.find(({ streams }) => streams.includes(`hook:${endpoint}`))?.about as
      | EndpointAbout
      | undefined;
    const written = endpoints.find(({ name }) => name === endpoint);
    const isServedFromRedis = about === undefined || about.source === 'Redis';
    const { topics, pattern } = (isServedFromRedis ? aboutOf(written) : about) ?? about ?? { topics: '*' as const };
    const isGone = written === undefined && about?.source === 'Redis';
    return { endpoint, isGone, topics, pattern: pattern === undefined ? undefined : eventFilterOf({ pattern }) };
  }
}

/** What is written may be newer than what is registered; where it is not valid, the one before is still served. */
const aboutOf = (written: object | undefined): Pick<EndpointAbout, 'topics' | 'pattern'> | undefined => {
  if (written === undefined) return undefined;
  try {
    const { topics, pattern } = parseEndpoint(written, { source: 'Redis', place: 'the endpoint' });
    return {
      topics: topics === '*' ? topics : [...topics],
      ...(pattern === undefined ? {} : { pattern: pattern.text }),
    };
  } catch (error) {
    if (error instanceof EndpointError) return undefined;
    throw error;
  }
};
