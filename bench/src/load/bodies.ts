import { createRequire } from 'node:module';

/** How events travel: one a request, or many as lines or as a JSON array. */
export type Form = 'single' | 'ndjson' | 'array';

/** What the events are: synthetic ones of 300 bytes, or GitHub's own webhook examples of 10 KB on average. */
export type Payload = 'small' | 'github';

export const CONTENT_TYPES: Readonly<Record<Form, string>> = {
  single: 'application/cloudevents+json',
  ndjson: 'application/x-ndjson',
  array: 'application/cloudevents-batch+json',
};

/** Types of the synthetic events; a route is made for each. */
export const TYPES = 10;

const SIZE = 300;

const smallEvent = (id: string, n: number, dueAt: number): string => {
  const head =
    `{"specversion":"1.0","id":"${id}","source":"/bench","type":"bench.${n % TYPES}",` +
    `"time":"${new Date().toISOString()}","datacontenttype":"application/json",` +
    `"data":{"n":${n},"due":${Math.round((performance.timeOrigin + dueAt) * 1000)},"text":"`;
  return `${head}${'x'.repeat(Math.max(0, SIZE - head.length - 3))}"}}`;
};

const githubPayloads = (): string[] => {
  const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { examples: object[] }[];
  return examples.flatMap((one) => one.examples).map((example) => JSON.stringify(example));
};

/** Makes the bodies of requests. Ids go up with time, as those of a sender that thinks of its database do. */
export class Bodies {
  private readonly payloads: readonly string[];
  private made = 0;

  constructor(
    private readonly form: Form,
    payload: Payload,
    /** Tells the ids of this run from those of others. */
    private readonly run: string,
  ) {
    this.payloads = payload === 'github' ? githubPayloads() : [];
  }

  /** A body of `count` events, which was due at `dueAt` of `performance.now()`. */
  next(count: number, dueAt: number): string {
    const events = Array.from({ length: count }, () => this.event(dueAt));
    return this.form === 'array' ? `[${events.join(',')}]` : events.join('\n');
  }

  private event(dueAt: number): string {
    const n = this.made++;
    const id = `${this.run}-${String(n).padStart(9, '0')}`;
    if (this.payloads.length === 0) return smallEvent(id, n, dueAt);
    const data = this.payloads[n % this.payloads.length];
    return (
      `{"specversion":"1.0","id":"${id}","source":"/bench","type":"bench.${n % TYPES}",` +
      `"time":"${new Date().toISOString()}","datacontenttype":"application/json","data":${data}}`
    );
  }
}
