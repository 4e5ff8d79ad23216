import { type Endpoint, streamOf, takes } from './endpoint.js';

/** All endpoints of one moment. It never changes; a change of endpoints makes another table. */
export class EndpointTable {
  private readonly streams = new Map<string, readonly string[]>();

  constructor(readonly endpoints: readonly Endpoint[]) {}

  /** Streams of the endpoints that get the events of a topic. */
  streamsOf(topic: string): readonly string[] {
    const known = this.streams.get(topic);
    if (known !== undefined) return known;
    const streams = this.endpoints.filter((endpoint) => takes(endpoint, topic)).map(({ name }) => streamOf(name));
    this.streams.set(topic, streams);
    return streams;
  }
}
