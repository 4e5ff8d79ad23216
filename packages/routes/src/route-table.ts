import { createHash } from 'node:crypto';
import { writeJson } from '@millrace/json';
import { type Parts, PatternIndex, type Steps } from '@millrace/patterns';
import { type StreamedEvent, UNROUTED } from '@millrace/streams';
import type { Route } from './route.js';

/** A topic that an event goes to, and the route that says so; without one where no route matches. */
export interface Copy {
  readonly topic: string;
  readonly route?: Route;
}

const byPriority = (a: Route, b: Route): number => a.priority - b.priority || (a.name < b.name ? -1 : 1);

const NOWHERE: readonly string[] = [UNROUTED];

/** All routes of one moment, compiled. It never changes; a change of routes makes another table. */
export class RouteTable {
  /** By priority, then name. */
  readonly routes: readonly Route[];
  /** Every topic that a route names, and `unrouted`. */
  readonly topics: readonly string[];
  /** Whether any route transforms. */
  readonly transforms: boolean;
  /** Names what is in it: the same routes have the same, wherever they are. */
  readonly digest: string;
  private readonly index: PatternIndex<Route>;

  constructor(routes: readonly Route[]) {
    this.routes = [...routes].sort(byPriority);
    this.index = new PatternIndex(this.routes.map((route) => ({ pattern: route.pattern, value: route })));
    this.topics = [...new Set([...this.routes.flatMap((route) => route.topics), UNROUTED])];
    this.transforms = this.routes.some(({ transform }) => transform !== undefined);
    const written = writeJson(this.routes.map((route) => route.written));
    this.digest = createHash('sha256').update(written).digest('hex').slice(0, 12);
  }

  /**
   * Topics of an event, each once, by priority and then name of their routes; `unrouted` where no route matches. Throws
   * if a route has to look into an event that is not JSON, and a `StepLimitError` if matching takes more steps than it may.
   */
  topicsOf(event: StreamedEvent): readonly string[] {
    return topicsOfAll(this.index.match(event));
  }

  /** The same in parts, for an event that is large. */
  *topicsInParts(event: StreamedEvent): Parts<readonly string[]> {
    return topicsOfAll(yield* this.index.matchInParts(event));
  }

  /** The steps that matching an event may take. */
  stepsFor(event: StreamedEvent): Steps {
    return this.index.stepsFor(event);
  }

  /** The same with the route of each: where several name a topic, the first by priority, then name. */
  copiesOf(event: StreamedEvent, steps: Steps = this.stepsFor(event)): readonly Copy[] {
    return copiesByAll(this.index.match(event, steps));
  }

  /** The same in parts, for an event that is large. */
  *copiesInParts(event: StreamedEvent, steps: Steps = this.stepsFor(event)): Parts<readonly Copy[]> {
    return copiesByAll(yield* this.index.matchInParts(event, steps));
  }
}

const topicsOfAll = (matching: readonly Route[]): readonly string[] => {
  if (matching.length === 0) return NOWHERE;
  if (matching.length === 1) return (matching[0] as Route).topics;
  return [...new Set(matching.flatMap((route) => route.topics))];
};

const copiesByAll = (matching: readonly Route[]): readonly Copy[] => {
  const copies = new Map<string, Copy>();
  for (const route of matching) {
    for (const topic of route.topics) if (!copies.has(topic)) copies.set(topic, { topic, route });
  }
  return copies.size === 0 ? [{ topic: UNROUTED }] : [...copies.values()];
};
