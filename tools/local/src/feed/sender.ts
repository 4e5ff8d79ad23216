import type { PublishAnswer } from '@millrace/admin-api';
import { Pool } from 'undici';
import type { CloudEventJson } from './event.js';

/** What the gateway said of what was sent. */
export interface Answers {
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
}

const AT_ONCE = 16;
const BATCH = 50;
const TRIES = 30;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends events to a gateway in the ways that clients do, and counts its answers. */
export class Sender {
  readonly answers: Answers = { sent: 0, accepted: 0, duplicates: 0, rejected: 0 };
  private readonly pool: Pool;

  constructor(
    gatewayUrl: string,
    private readonly apiKey: string | undefined,
  ) {
    this.pool = new Pool(gatewayUrl, { connections: AT_ONCE });
  }

  /** One request for each event, several in progress at once. */
  async sendEach(events: readonly CloudEventJson[]): Promise<void> {
    const waiting = [...events];
    const sendNext = async (): Promise<void> => {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
        await this.post('application/cloudevents+json', JSON.stringify(event), 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
  }

  /** Batches of 50. */
  async sendBatches(events: readonly CloudEventJson[]): Promise<void> {
    for (let i = 0; i < events.length; i += BATCH) {
      const batch = events.slice(i, i + BATCH);
      await this.post('application/cloudevents-batch+json', JSON.stringify(batch), batch.length);
    }
  }

  /** One request with an event on each line. */
  async sendLines(events: readonly CloudEventJson[]): Promise<void> {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await this.post('application/x-ndjson', lines, events.length);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async post(contentType: string, body: string, events: number): Promise<void> {
    this.answers.sent += events;
    const { accepted = 0, duplicates = 0, rejected } = await this.persist(contentType, body);
    this.answers.accepted += accepted;
    this.answers.duplicates += duplicates;
    this.answers.rejected += rejected ?? events - accepted - duplicates;
  }

  /** Sends again where the gateway asks for it: the same ids, so what it has already is not taken twice. */
  private async persist(contentType: string, body: string): Promise<Partial<PublishAnswer>> {
    for (let tries = 1; ; tries += 1) {
      const response = await this.pool.request({
        method: 'POST',
        path: '/v1/events',
        headers: {
          'content-type': contentType,
          ...(this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` }),
        },
        body,
      });
      const answer = (await response.body.json()) as Partial<PublishAnswer>;
      const again = response.statusCode === 429 || response.statusCode === 503;
      if (!again || tries === TRIES) return answer;
      await wait(1000 * Number(response.headers['retry-after'] ?? 1));
    }
  }
}
