import type { TraceRoute } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { EventFields, explain, matches, StepLimitError, Steps } from '@millrace/patterns';
import type { Route } from '@millrace/routes';
import { shortenedValues } from '../answers/answer-budget.js';

/** Routes that are told of: those that match, and of the others the first by name. */
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

/** What routes say to an event, those that match first. It is read once, and all take of its steps together. */
export const verdictsOf = (routes: readonly Route[], json: string): TraceRoute[] => {
  const size = routes.reduce((sum, { pattern }) => sum + pattern.size, 0);
  const read = () => new EventFields(json, true, Steps.for(json, size));
  let fields = read();
  let costly = 0;
  const verdicts = routes.map((route): Judged => {
    const matched = judged(() => matches(route.pattern, fields), false);
    // One that takes them all leaves others undecided that cost next to nothing.
    if (matched instanceof StepLimitError && ++costly < MOST_COSTLY) fields = read();
    return { route, matched };
  });
  const told = verdicts
    .sort((a, b) => rankOf(a) - rankOf(b) || (a.route.name < b.route.name ? -1 : 1))
    .slice(0, MOST)
    .map((one) => verdictOf(one, fields));
  let characters = 0;
  return told.map((verdict) => {
    characters += writeJson(verdict.leaves).length;
    return characters <= MOST_CHARACTERS ? verdict : { ...verdict, leaves: [] };
  });
};

const rankOf = ({ matched }: Judged): number => (matched === true ? 0 : matched === false ? 2 : 1);

const verdictOf = ({ route: { name, topics, pattern }, matched }: Judged, fields: EventFields): TraceRoute => {
  const leaves = matched instanceof StepLimitError ? matched : judged(() => leavesOf(pattern, fields), []);
  const limit = [matched, leaves].find((one) => one instanceof StepLimitError);
  return {
    name,
    topics,
    matched: matched === true,
    leaves: leaves instanceof StepLimitError ? [] : leaves,
    ...(limit === undefined ? {} : { undecided: limit.message }),
  };
};

/** Values that it saw may be as large as the event. */
const leavesOf = (pattern: Route['pattern'], fields: EventFields) =>
  explain(pattern, fields)
    .alternatives.flatMap((one) => [...one.leaves])
    .slice(0, MOST_LEAVES)
    .map((leaf) => ({ ...leaf, seen: shortenedValues(leaf.seen) }));

/** What is no event matches nothing. */
const judged = <T>(judge: () => T, ifNoEvent: T): T | StepLimitError => {
  try {
    return judge();
  } catch (error) {
    return error instanceof StepLimitError ? error : ifNoEvent;
  }
};
