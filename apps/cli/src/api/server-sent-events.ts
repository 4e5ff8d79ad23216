import { createParser } from 'eventsource-parser';

/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Takes such a stream apart. Comments, and events without data, are left out. */
export async function* serverSentEvents(chunks: AsyncIterable<string>): AsyncIterable<ServerSentEvent> {
  const complete: ServerSentEvent[] = [];
  const parser = createParser({ onEvent: ({ event = 'message', data }) => complete.push({ event, data }) });
  for await (const chunk of chunks) {
    parser.feed(chunk);
    yield* complete.splice(0);
  }
}
