import { type Copy, type Route, RouteTable, Transformer, type TransformJob } from '@millrace/routes';
import type { Delivery } from '@millrace/streams';

/** An event for which the draft changes something. */
export interface Difference {
  readonly position: string;
  readonly partition: number;
  readonly type: string;
  /** Topics that it goes to now and would not go to, and the other way round. */
  readonly less: readonly string[];
  readonly more: readonly string[];
}

/** What a draft would do. */
export interface ShadowReport {
  readonly events: number;
  /** Of them, those that the draft's own pattern matches. */
  readonly matched: number;
  /** Copies by topic: by the routes in force, and with the draft. */
  readonly inForce: Readonly<Record<string, number>>;
  readonly withDraft: Readonly<Record<string, number>>;
  readonly different: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
  /** How the draft's transform fared on events that it matched. */
  readonly transform?: { readonly tried: number; readonly failed: number; readonly errors: readonly string[] };
  /** Microseconds of matching an event, as measured here. */
  readonly microseconds: { readonly inForce: number; readonly withDraft: number };
  /** Events that could not be decoded. */
  readonly undecodable: number;
}

const MOST_DIFFERENCES = 100;
const MOST_TRANSFORMED = 1000;
const MOST_ERRORS = 10;

/** Runs a draft beside the routes in force, over events that are handed to it. Sends nothing anywhere. */
export class Shadow {
  private readonly inForce: RouteTable;
  private readonly withDraft: RouteTable;
  private readonly alone: RouteTable;
  private readonly counts = { inForce: new Map<string, number>(), withDraft: new Map<string, number>() };
  private readonly differences: Difference[] = [];
  private readonly jobs: TransformJob[] = [];
  private readonly spent = { inForce: 0, withDraft: 0 };
  private events = 0;
  private matched = 0;
  private different = 0;
  private undecodable = 0;

  constructor(
    routes: readonly Route[],
    private readonly draft: Route,
  ) {
    this.inForce = new RouteTable(routes);
    this.withDraft = new RouteTable([...routes.filter(({ name }) => name !== draft.name), draft]);
    this.alone = new RouteTable([draft]);
  }

  look(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.lookAt(delivery);
  }

  async report(transformer: Transformer): Promise<ShadowReport> {
    const { events, matched, different, differences, undecodable } = this;
    const each = (micros: number) => Math.round((micros / Math.max(1, events)) * 100) / 100;
    const transform = await this.tryTransform(transformer);
    return {
      ...{ events, matched, different, differences, undecodable },
      inForce: Object.fromEntries(this.counts.inForce),
      withDraft: Object.fromEntries(this.counts.withDraft),
      ...(transform === undefined ? {} : { transform }),
      microseconds: { inForce: each(this.spent.inForce), withDraft: each(this.spent.withDraft) },
    };
  }

  private lookAt({ event, position, partition }: Delivery): void {
    this.events += 1;
    const before = this.copies(this.inForce, event, 'inForce');
    const after = this.copies(this.withDraft, event, 'withDraft');
    if (before === undefined || after === undefined) {
      this.undecodable += 1;
      return;
    }
    if (this.alone.copiesOf(event)[0]?.route !== undefined) {
      this.matched += 1;
      const { transform } = this.draft;
      if (transform !== undefined && this.jobs.length < MOST_TRANSFORMED) {
        this.jobs.push({ expression: transform, json: event.json });
      }
    }
    const less = before.filter((topic) => !after.includes(topic));
    const more = after.filter((topic) => !before.includes(topic));
    if (less.length + more.length === 0) return;
    this.different += 1;
    if (this.differences.length < MOST_DIFFERENCES) {
      this.differences.push({ position, partition, type: event.type, less, more });
    }
  }

  private copies(table: RouteTable, event: Delivery['event'], which: 'inForce' | 'withDraft'): string[] | undefined {
    const begin = performance.now();
    let copies: readonly Copy[];
    try {
      copies = table.copiesOf(event);
    } catch {
      return undefined; // Not JSON: the router would dead-letter it, by any routes that look into it.
    } finally {
      this.spent[which] += (performance.now() - begin) * 1000;
    }
    const counts = this.counts[which];
    for (const { topic } of copies) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    return copies.map(({ topic }) => topic);
  }

  private async tryTransform(transformer: Transformer): Promise<ShadowReport['transform']> {
    if (this.draft.transform === undefined) return undefined;
    const results = await transformer.run(this.jobs);
    const errors = results.flatMap((result) => (result instanceof Error ? [result.message] : []));
    return { tried: results.length, failed: errors.length, errors: [...new Set(errors)].slice(0, MOST_ERRORS) };
  }
}
