import { setTimeout as pause } from 'node:timers/promises';

/** Sockets take a moment to close. */
const WITHIN_MS = 1000;
const EVERY_MS = 20;
/** Standard output and error, which last as long as the process. */
const STANDARD = new Set(['TTYWrap', 'PipeWrap', 'FileHandle']);

/**
 * Waits until nothing keeps the process alive any more. Gives what still does after a second, in Node's words (`Timeout`,
 * `TCPSocketWrap`): something was started and not stopped.
 */
export const leftRunning = async (): Promise<readonly string[]> => {
  for (let left = WITHIN_MS; ; left -= EVERY_MS) {
    const running = process.getActiveResourcesInfo().filter((name) => !STANDARD.has(name));
    if (running.length === 0 || left <= 0) return running;
    await pause(EVERY_MS);
  }
};
