import { PatternIndex } from '@millrace/patterns';
import { type StreamedEvent, UNROUTED } from '@millrace/streams';
import type { Route } from './route.js';

const byPriority = (a: Route, b: Route): number => a.priority - b.priority || (a.name < b.name ? -1 : 1);

const NOWHERE: readonly string[] = [UNROUTED];

/** All routes of one moment, compiled. It never changes; a change of routes makes another table. */
export class RouteTable {
  /** Every topic that a route names, and `unrouted`. */
  readonly topics: readonly string[];
  private readonly index: PatternIndex<Route>;

  constructor(routes: readonly Route[]) {
    const ordered = [...routes].sort(byPriority);
    this.index = new PatternIndex(ordered.map((route) => ({ pattern: route.pattern, value: route })));
    this.topics = [...new Set([...ordered.flatMap((route) => route.topics), UNROUTED])];
  }

  /**
   * Topics of an event, each once, by priority and then name of their routes; `unrouted` where no route matches. Throws
   * if a route has to look into an event that is not JSON.
   */
  topicsOf(event: StreamedEvent): readonly string[] {
    const matching = this.index.match(event);
    if (matching.length === 0) return NOWHERE;
    if (matching.length === 1) return (matching[0] as Route).topics;
    return [...new Set(matching.flatMap((route) => route.topics))];
  }
}
