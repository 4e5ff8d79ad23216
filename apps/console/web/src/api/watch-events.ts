import { open } from './client.js';
import { type ServerEvent, ServerEventParser } from './server-events.js';

/**
 * Hands over server-sent events until the signal aborts or the console ends them. `EventSource` cannot send a key, so
 * the stream is read by hand.
 */
export const watchEvents = async (
  path: string,
  signal: AbortSignal,
  take: (event: ServerEvent) => void,
): Promise<void> => {
  const response = await open(path, signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new ServerEventParser();
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done) return;
    for (const event of parser.push(value ?? '')) take(event);
  }
};
