import type { TraceRoute } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { EventFields, explainInParts, matchesInParts, type Parts, StepLimitError, Steps } from '@millrace/patterns';
import type { Route } from '@millrace/routes';
import { shortenedValues } from '../answers/answer-budget.js';

/** Routes that are reported: those that match, and of the others the first by name. */
const MOST = 200;
const MOST_LEAVES = 100;
/** Characters of all their tests; of those beyond it only the verdict is told. */
const MOST_CHARACTERS = 1024 * 1024;

/** Whether a route matches; an error is why that cannot be told. */
interface Judged {
  readonly route: Route;
  readonly matched: boolean | StepLimitError;
}

/** Routes that may take all steps of the event; after them nothing is decided. */
const MOST_COSTLY = 4;

/** The routes that match an event. */
export function* matchingRoutes(routes: readonly Route[], json: string): Parts<Route[]> {
  const { all } = yield* judge(routes, json);
  return all.filter(({ matched }) => matched === true).map(({ route }) => route);
}

/** What routes say to an event, those that match first. */
export function* verdictsOf(routes: readonly Route[], json: string): Parts<TraceRoute[]> {
  const { all, fields } = yield* judge(routes, json);
  all.sort((a, b) => rankOf(a) - rankOf(b) || (a.route.name < b.route.name ? -1 : 1));
  const verdicts: TraceRoute[] = [];
  let characters = 0;
  for (const one of all.slice(0, MOST)) {
    const verdict = yield* verdictOf(one, fields);
    characters += writeJson(verdict.leaves).length;
    verdicts.push(characters <= MOST_CHARACTERS ? verdict : { ...verdict, leaves: [] });
  }
  return verdicts;
}

/** The event is read once, and all routes take of its steps together. */
function* judge(routes: readonly Route[], json: string): Parts<{ all: Judged[]; fields: EventFields }> {
  const size = routes.reduce((sum, { pattern }) => sum + pattern.size, 0);
  const read = () => new EventFields(json, true, Steps.for(json, size));
  let fields = read();
  let costly = 0;
  const all: Judged[] = [];
  for (const route of routes) {
    const matched = yield* judged(matchesInParts(route.pattern, fields), false);
    // One that takes them all leaves others undecided that cost next to nothing.
    if (matched instanceof StepLimitError && ++costly < MOST_COSTLY) fields = read();
    all.push({ route, matched });
    yield;
  }
  return { all, fields };
}

const rankOf = ({ matched }: Judged): number => (matched === true ? 0 : matched === false ? 2 : 1);

function* verdictOf({ route: { name, topics, pattern }, matched }: Judged, fields: EventFields): Parts<TraceRoute> {
  const leaves = matched instanceof StepLimitError ? matched : yield* judged(leavesOf(pattern, fields), []);
  const limit = [matched, leaves].find((one) => one instanceof StepLimitError);
  return {
    name,
    topics,
    matched: matched === true,
    leaves: leaves instanceof StepLimitError ? [] : leaves,
    ...(limit === undefined ? {} : { undecided: limit.message }),
  };
}

/** Values that it saw may be as large as the event. */
function* leavesOf(pattern: Route['pattern'], fields: EventFields): Parts<TraceRoute['leaves']> {
  const { alternatives } = yield* explainInParts(pattern, fields);
  return alternatives
    .flatMap((one) => [...one.leaves])
    .slice(0, MOST_LEAVES)
    .map((leaf) => ({ ...leaf, seen: shortenedValues(leaf.seen) }));
}

/** What is no event matches nothing. */
function* judged<T>(parts: Parts<T>, ifNoEvent: T): Parts<T | StepLimitError> {
  try {
    return yield* parts;
  } catch (error) {
    return error instanceof StepLimitError ? error : ifNoEvent;
  }
}
