/** One request to the receiver. */
export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The header `webhook-id`, if there was one. */
  readonly id: string | undefined;
  /** Whether the signature is right and recent. */
  readonly verified: boolean;
}

const MOST_IDS = 100_000;
const MOST_RECENT = 100;

/** What came in, in bounded memory. */
export class Received {
  received = 0;
  verified = 0;
  readonly ids = new Map<string, number>();
  readonly recent: ReceivedWebhook[] = [];

  add(request: ReceivedWebhook): void {
    this.received += 1;
    this.recent.push(request);
    if (this.recent.length > MOST_RECENT) this.recent.shift();
    if (!request.verified) return;
    this.verified += 1;
    if (request.id !== undefined) this.count(request.id);
  }

  private count(id: string): void {
    this.ids.set(id, (this.ids.get(id) ?? 0) + 1);
    if (this.ids.size <= MOST_IDS) return;
    const [oldest] = this.ids.keys();
    if (oldest !== undefined) this.ids.delete(oldest);
  }
}
