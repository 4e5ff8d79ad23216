import type { DryRun, EndpointList, Sink, Snapshot } from '@millrace/admin-api';
import { readJson } from '../../ui/json-text.js';

/** A replay as it stands in the form. */
export interface TypedReplay {
  readonly topic: string;
  readonly sink: string;
  readonly from: string;
  readonly to: string;
  readonly pattern: string;
  readonly perSecond: string;
  /** To an endpoint, also what its topics and filter leave out. */
  readonly isPastFilter: boolean;
}

/** What the form would ask for, and why it is not asked as it is. */
export const replayOf = ({ topic, sink, from, to, pattern, perSecond, isPastFilter }: TypedReplay) => {
  const { value, problem } = pattern.trim() === '' ? { value: undefined, problem: undefined } : readJson(pattern);
  const body = {
    topic,
    sink,
    perSecond: Number(perSecond),
    ...(from.trim() === '' ? {} : { from: from.trim() }),
    ...(to.trim() === '' ? {} : { to: to.trim() }),
    ...(value === undefined ? {} : { pattern: value }),
    ...(isPastFilter ? { unfiltered: true } : {}),
  };
  const refused = problem ?? (topic === '' || sink === '' ? 'Choose a topic and a sink.' : undefined);
  return { body, problem, refused };
};

/** Why a replay that was counted does not start. */
export const startRefusal = (counted: DryRun | undefined): string | undefined => {
  if (counted === undefined) return 'Still counting.';
  return counted.matched === 0 && counted.complete ? 'No event matches.' : undefined;
};

export const isEndpoint = (group: string, data: EndpointList | undefined): boolean =>
  data?.endpoints.some(({ name }) => group === `hook.${name}`) ?? false;

/** Whether an endpoint takes a topic. */
const takesTopic = (group: string, topic: string, data: EndpointList | undefined): boolean =>
  data?.endpoints.some(({ name, endpoint, about }) => {
    const topics = [(endpoint === null ? about?.topics : endpoint.topics) ?? '*'].flat();
    return group === `hook.${name}` && (topics.includes('*') || topics.includes(topic));
  }) ?? false;

/**
 * Who may get a topic again: its readers, endpoints that take it, or all of them where that is asked for, and of what no
 * route matched the router.
 */
export const sinksOf = (
  topic: string,
  snapshot: Snapshot | null,
  endpoints: EndpointList | undefined,
  isUnfiltered: boolean,
): string[] => {
  const readers = new Set(snapshot?.topics.find(({ name }) => name === topic)?.groups.map(({ group }) => group));
  const all = snapshot?.sinks ?? [];
  const isTaker = ({ name, streams }: Sink) =>
    readers.has(name) ||
    takesTopic(name, topic, endpoints) ||
    (isUnfiltered && isEndpoint(name, endpoints)) ||
    (topic === 'unrouted' && streams.includes('in'));
  return all
    .filter(isTaker)
    .map(({ name }) => name)
    .sort((a, b) => Number(readers.has(b)) - Number(readers.has(a)));
};
