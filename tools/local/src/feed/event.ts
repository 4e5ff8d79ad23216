/** An event of the feed, and where it has to go: said by hand, so that it checks the router rather than repeats it. */
export interface FeedEvent {
  readonly event: CloudEventJson;
  readonly topics: readonly string[];
}

/** A CloudEvent as JSON. */
export interface CloudEventJson {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly datacontenttype: 'application/json';
  readonly data: unknown;
}
