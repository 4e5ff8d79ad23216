import type { ReceiverAnswer } from '@millrace/testkit';

interface Request {
  readonly id: string | undefined;
  readonly body: string;
  readonly verified: boolean;
}

const SLOW_MS = 3000;

/** What the webhook receiver was sent, and how it feels about it. */
export class Deliveries {
  /** The ids of the webhooks that brought each event, whatever the answer was. */
  readonly webhookIds = new Map<string, Set<string>>();
  /** Events of which at least one webhook was answered with 204. */
  readonly delivered = new Set<string>();
  unverified = 0;
  private mood: 'well' | 'slow' | 'fail' = 'well';
  private failures = 0;

  be(mood: 'well' | 'slow' | 'fail'): void {
    this.mood = mood;
  }

  readonly respond = ({ id, body, verified }: Request): ReceiverAnswer => {
    if (!verified) this.unverified += 1;
    const event = (JSON.parse(body) as { id: string }).id;
    const known = this.webhookIds.get(event) ?? new Set();
    this.webhookIds.set(event, known.add(id ?? ''));
    if (this.mood === 'fail') return { status: ++this.failures % 2 === 0 ? 500 : 503 };
    this.delivered.add(event);
    // Slower than the sink's patience: it was delivered, and will be again.
    return { status: 204, ...(this.mood === 'slow' ? { delayMs: SLOW_MS } : {}) };
  };
}
