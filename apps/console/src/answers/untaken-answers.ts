import type { ServerResponse } from 'node:http';
import { whenOver } from '@millrace/host';

/**
 * Bounds the answers that were made and that their clients have not taken yet, each of which is in memory: where there are more,
 * the connection of the one that has waited longest is ended. So a client that does not read keeps no other from an answer.
 */
export class UntakenAnswers {
  private readonly waiting = new Set<ServerResponse>();

  constructor(private readonly most: number) {}

  /** Counts one, until it was sent. */
  add(response: ServerResponse): void {
    this.waiting.add(response);
    whenOver(response, () => this.waiting.delete(response));
    const [oldest] = this.waiting;
    if (this.waiting.size > this.most) oldest?.req.socket.destroy();
  }
}
