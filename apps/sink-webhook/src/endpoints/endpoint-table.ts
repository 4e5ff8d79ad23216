import type { Source } from '@millrace/definitions';
import { type Endpoint, type EndpointAbout, streamOf, takes } from '@millrace/endpoints';
import { type Parts, PatternIndex } from '@millrace/patterns';
import type { StreamedEvent } from '@millrace/streams';

/** Who gets the events of a topic: some all of them, some those that their pattern matches. */
interface Takers {
  readonly always: readonly string[];
  readonly byPattern: PatternIndex<string> | undefined;
}

/** All endpoints of one moment. It never changes; a change of endpoints makes another table. */
export class EndpointTable {
  private readonly takers = new Map<string, Takers>();

  constructor(
    readonly endpoints: readonly Endpoint[],
    private readonly sources: ReadonlyMap<string, Source> = new Map(),
  ) {}

  /** What is registered of an endpoint, for whoever administers it. */
  aboutOf({ name, topics, pattern }: Endpoint): EndpointAbout {
    return {
      source: this.sources.get(name) ?? 'Redis',
      topics: topics === '*' ? topics : [...topics],
      ...(pattern === undefined ? {} : { pattern: pattern.text }),
    };
  }

  /**
   * Streams of the endpoints that get an event of a topic. Throws as `PatternIndex.match` does where a pattern has to look
   * into an event that is not JSON.
   */
  streamsOf(topic: string, event: StreamedEvent): readonly string[] {
    const { always, byPattern } = this.takersOf(topic);
    return byPattern === undefined ? always : [...always, ...byPattern.match(event)];
  }

  /** The same in parts, for an event that is large. */
  *streamsInParts(topic: string, event: StreamedEvent): Parts<readonly string[]> {
    const { always, byPattern } = this.takersOf(topic);
    return byPattern === undefined ? always : [...always, ...(yield* byPattern.matchInParts(event))];
  }

  private takersOf(topic: string): Takers {
    const known = this.takers.get(topic);
    if (known !== undefined) return known;
    const taking = this.endpoints.filter((endpoint) => takes(endpoint, topic));
    const rules = taking.flatMap(({ name, pattern }) =>
      pattern === undefined ? [] : [{ pattern, value: streamOf(name) }],
    );
    const found: Takers = {
      always: taking.filter(({ pattern }) => pattern === undefined).map(({ name }) => streamOf(name)),
      byPattern: rules.length === 0 ? undefined : new PatternIndex(rules),
    };
    this.takers.set(topic, found);
    return found;
  }
}
