import { explain } from '@millrace/patterns';
import type { Route } from '@millrace/routes';
import type { RouteVerdict, TraceLeaf } from './trace.js';

/** Routes that are told of: those that match, and of the others the first by name. */
const MOST = 200;

/** What routes say to an event, those that match first. */
export const verdictsOf = (routes: readonly Route[], json: string): RouteVerdict[] =>
  routes
    .map((route) => verdictOf(route, json))
    .sort((a, b) => Number(b.matched) - Number(a.matched) || (a.name < b.name ? -1 : 1))
    .slice(0, MOST);

const verdictOf = ({ name, topics, pattern }: Route, json: string): RouteVerdict => {
  const { matched, leaves } = judged(pattern, json);
  return { name, topics, matched, leaves };
};

const judged = (pattern: Route['pattern'], json: string): { matched: boolean; leaves: TraceLeaf[] } => {
  try {
    const { matched, alternatives } = explain(pattern, json);
    return { matched, leaves: alternatives.flatMap(({ leaves }) => [...leaves]) };
  } catch {
    return { matched: false, leaves: [] }; // No event: it matches nothing.
  }
};
