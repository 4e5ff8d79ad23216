import { createParser } from 'eventsource-parser';

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Splits what arrives into events; a part of one waits for its rest. */
export class ServerEventParser {
  private readonly complete: ServerEvent[] = [];
  private readonly parser = createParser({
    onEvent: ({ event = 'message', data }) => this.complete.push({ name: event, data }),
  });

  push(text: string): ServerEvent[] {
    this.parser.feed(text);
    return this.complete.splice(0);
  }
}
