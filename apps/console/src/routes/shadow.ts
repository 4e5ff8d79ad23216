import type { ShadowReport } from '@millrace/admin-api';
import { Pace } from '@millrace/host';
import { isLarge, type Parts, StepLimitError } from '@millrace/patterns';
import { type Copy, type Route, RouteTable, Transformer, type TransformJob } from '@millrace/routes';
import type { Delivery } from '@millrace/streams';
import { Effort } from '../answers/effort.js';

const MOST_DIFFERENCES = 100;
const MOST_TRANSFORMED = 1000;
/** Characters of events that are kept to be transformed. */
const TRANSFORMED_LENGTH = 4 * 1024 * 1024;
const MOST_ERRORS = 10;
/** Steps of all events together; the usual event takes fewer than a hundred. */
const MOST_STEPS = 100_000_000;

/** Runs a draft beside the live routes, over events that are handed to it. Sends nothing anywhere. */
export class Shadow {
  private readonly inForce: RouteTable;
  private readonly withDraft: RouteTable;
  private readonly alone: RouteTable;
  private readonly counts = { inForce: new Map<string, number>(), withDraft: new Map<string, number>() };
  private readonly differences: ShadowReport['differences'][number][] = [];
  private readonly jobs: TransformJob[] = [];
  private jobsLength = 0;
  private readonly spent = { inForce: 0, withDraft: 0 };
  private events = 0;
  private matched = 0;
  private different = 0;
  private undecodable = 0;
  private undecided = 0;
  private readonly effort = new Effort(MOST_STEPS);
  private readonly pace = new Pace();

  constructor(
    routes: readonly Route[],
    private readonly draft: Route,
  ) {
    this.inForce = new RouteTable(routes);
    this.withDraft = new RouteTable([...routes.filter(({ name }) => name !== draft.name), draft]);
    this.alone = new RouteTable([draft]);
  }

  /** That no more events are looked at. */
  get isSpent(): boolean {
    return this.effort.isSpent;
  }

  async look(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      if (this.isSpent) return;
      await this.lookAt(delivery);
      if (this.pace.isDue) await this.pace.rest();
    }
  }

  async report(transformer: Transformer): Promise<ShadowReport> {
    const { events, matched, different, differences, undecodable, undecided } = this;
    const each = (micros: number) => Math.round((micros / Math.max(1, events)) * 100) / 100;
    const transform = await this.tryTransform(transformer);
    return {
      events,
      matched,
      different,
      differences,
      undecodable,
      undecided,
      complete: !this.isSpent,
      inForce: Object.fromEntries(this.counts.inForce),
      withDraft: Object.fromEntries(this.counts.withDraft),
      ...(transform === undefined ? {} : { transform }),
      microseconds: { inForce: each(this.spent.inForce), withDraft: each(this.spent.withDraft) },
    };
  }

  private async lookAt(delivery: Delivery): Promise<void> {
    const { event } = delivery;
    this.events += 1;
    const before = await this.copies(this.inForce, event, 'inForce');
    const after = await this.copies(this.withDraft, event, 'withDraft');
    const alone = await this.copies(this.alone, event);
    const failed = [before, after, alone].find((one) => one instanceof Error);
    if (failed instanceof StepLimitError) this.undecided += 1;
    else if (failed !== undefined) this.undecodable += 1;
    if (before instanceof Error || after instanceof Error || alone instanceof Error) return;
    const names = (copies: readonly Copy[]) => copies.map(({ topic }) => topic);
    this.compare(delivery, names(before), names(after), alone[0]?.route !== undefined);
  }

  private compare(
    { event, position, partition }: Delivery,
    before: readonly string[],
    after: readonly string[],
    isMatched: boolean,
  ): void {
    if (isMatched) {
      this.matched += 1;
      const { transform } = this.draft;
      if (transform !== undefined) this.transformLater(transform, event.json);
    }
    const less = before.filter((topic) => !after.includes(topic));
    const more = after.filter((topic) => !before.includes(topic));
    if (less.length + more.length === 0) return;
    this.different += 1;
    if (this.differences.length < MOST_DIFFERENCES) {
      this.differences.push({ position, partition, type: event.type, less, more });
    }
  }

  private transformLater(expression: string, json: string): void {
    const length = this.jobsLength + json.length;
    if (this.jobs.length >= MOST_TRANSFORMED || length > TRANSFORMED_LENGTH) return;
    this.jobs.push({ expression, json });
    this.jobsLength = length;
  }

  /** An error is why there are none: the router would dead-letter the event. */
  private async copies(
    table: RouteTable,
    event: Delivery['event'],
    which?: 'inForce' | 'withDraft',
  ): Promise<readonly Copy[] | Error> {
    const steps = table.stepsFor(event);
    const took = (ms: number): void => {
      if (which !== undefined) this.spent[which] += ms * 1000;
    };
    try {
      const copies = isLarge(event.json)
        ? await this.pace.through(timed(table.copiesInParts(event, steps), took))
        : timedAtOnce(() => table.copiesOf(event, steps), took);
      const counts = which === undefined ? undefined : this.counts[which];
      for (const { topic } of copies) counts?.set(topic, (counts.get(topic) ?? 0) + 1);
      return copies;
    } catch (error) {
      return error as Error;
    } finally {
      this.effort.add(steps.taken);
    }
  }

  private async tryTransform(transformer: Transformer): Promise<ShadowReport['transform']> {
    if (this.draft.transform === undefined) return undefined;
    const results = await transformer.run(this.jobs);
    const errors = results.flatMap((result) => (result instanceof Error ? [result.message] : []));
    return { tried: results.length, failed: errors.length, errors: [...new Set(errors)].slice(0, MOST_ERRORS) };
  }
}

type Took = (ms: number) => void;

const timedAtOnce = <T>(work: () => T, took: Took): T => {
  const begin = performance.now();
  try {
    return work();
  } finally {
    took(performance.now() - begin);
  }
};

/** Measures the parts alone, not what others did between them. */
function* timed<T>(parts: Parts<T>, took: Took): Parts<T> {
  for (;;) {
    const part = timedAtOnce(() => parts.next(), took);
    if (part.done === true) return part.value;
    yield;
  }
}
