import { INBOX } from '@millrace/streams';
import type { RedisTransport } from '@millrace/streams/redis';

export const INTRUDED = [INBOX, 'topic:orders'] as const;
/** Fields of entries that are none of ours, and look more or less like it. */
const FORMS: readonly ((id: string) => readonly string[])[] = [
  (id) => ['note', id],
  (id) => ['type', 'chaos.order', 'event', JSON.stringify({ id }), 'history', 'v1'],
  (id) => ['first', 'Ada', 'redriven', 'yes', 'note', id],
  (id) => ['type', 'chaos.order', 'event', JSON.stringify({ id }), 'attempt', '-1'],
];

/** Writes entries into the streams that are none of ours, and knows which. */
export class Intruder {
  /** Those that Redis said it has, by stream. */
  readonly certain: Readonly<Record<(typeof INTRUDED)[number], string[]>> = { in: [], 'topic:orders': [] };
  /** Those of which nobody knows. */
  readonly uncertain = new Set<string>();
  private made = 0;

  constructor(private readonly transport: RedisTransport) {}

  async intrude(): Promise<void> {
    for (const name of INTRUDED) for (const form of FORMS) await this.write(name, form);
  }

  private async write(name: (typeof INTRUDED)[number], form: (typeof FORMS)[number]): Promise<void> {
    const id = `f${++this.made}`;
    const key = this.transport.keys.stream({ name, partition: 0 });
    try {
      await this.transport.connections.connectTo(key, 'intruder').xadd(key, '*', ...form(id));
      this.certain[name].push(id);
    } catch {
      this.uncertain.add(id); // Full, or away.
    }
  }
}

/** The id that an entry of ours was given, wherever it stands in it. */
export const intruderIn = (text: string): string | undefined => /"(f\d+)"/.exec(text)?.[1];
