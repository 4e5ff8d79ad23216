import {
  type EndpointAbout,
  EndpointError,
  type EndpointState,
  parseEndpoint,
  WEBHOOK_HOP,
  type WrittenEndpoint,
} from '@millrace/endpoints';
import { topicOf, UNROUTED } from '@millrace/streams';
import type { GroupRegistration } from '@millrace/streams/redis';

export interface Neighbourhood {
  readonly groups: readonly GroupRegistration[];
  /** Topics that routes name, or named. */
  readonly topics: readonly string[];
}

/** Of which topics the webhook sinks get events; `'*'`: all; undefined where there is no such sink. */
const readBySinks = (groups: readonly GroupRegistration[]): '*' | readonly string[] | undefined => {
  const streams = groups
    .filter(({ hop }) => hop === WEBHOOK_HOP)
    .flatMap((group) => group.streams.flatMap((stream) => topicOf(stream) ?? []));
  if (streams.includes('*')) return '*';
  return streams.length === 0 ? undefined : [...new Set(streams)].sort();
};

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Why topics bring an endpoint nothing, each a sentence. */
const topicWarnings = (wanted: EndpointAbout['topics'], { groups, topics }: Neighbourhood): string[] => {
  const read = readBySinks(groups);
  if (read === undefined) return ['No webhook sink is registered: nothing is delivered until one runs'];
  if (wanted === '*') return [];
  const unread = wanted.filter((topic) => read !== '*' && !read.includes(topic));
  const unknown = wanted.filter((topic) => !unread.includes(topic) && topic !== UNROUTED && !topics.includes(topic));
  return [
    ...(unread.length === 0 || read === '*'
      ? []
      : [`The webhook sink does not read ${quoted(unread)}: its TOPICS are ${read.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`Unknown topic ${quoted(unknown)}: no route names it`]),
  ];
};

/** Why an endpoint gets less than it seems; nothing where all is well. */
export const warningsOf = (
  written: WrittenEndpoint | undefined,
  about: EndpointAbout | undefined,
  around: Neighbourhood,
): string[] => {
  if (written === undefined) return topicWarnings(about?.topics ?? '*', around);
  try {
    const { topics, url } = parseEndpoint(written, { source: 'Redis', place: `endpoint "${written.name}"` });
    const isHidden = about !== undefined && about.source !== 'Redis';
    return [
      ...topicWarnings(topics === '*' ? topics : [...topics], around),
      ...(url.hash === '' ? [] : ['Its URL has a part after "#", which is not sent']),
      ...(isHidden ? [`The sink's ${about.source} has an endpoint of this name, which takes precedence`] : []),
    ];
  } catch (error) {
    if (error instanceof EndpointError) return [error.message];
    throw error;
  }
};

/** What stands in the way of its deliveries now, each a sentence. */
export const stateWarnings = ({ state }: { readonly state: EndpointState }, now = Date.now()): string[] => {
  const { offAt, offReason, failingSince, failure, openUntil = 0 } = state;
  if (offAt !== undefined) return [`disabled since ${new Date(offAt).toISOString()}: ${offReason ?? 'unknown reason'}`];
  if (failingSince === undefined) return [];
  const paused = openUntil > now ? `; retries are paused until ${new Date(openUntil).toISOString()}` : '';
  return [`failing since ${new Date(failingSince).toISOString()}: ${failure ?? 'unknown reason'}${paused}`];
};
