import type { DryRun, Rerouting, Snapshot, TraceTopic } from '@millrace/admin-api';

/** The replay of one event of `unrouted` to the router, as it is asked for. */
export interface Again {
  readonly topic: 'unrouted';
  readonly sink: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The router is who reads the inbox, whatever its group is called. */
export const againOf = ({ streamId }: TraceTopic, snapshot: Snapshot | null): Again => {
  const sink = snapshot?.sinks.find(({ streams }) => streams.includes('in'))?.name ?? 'router';
  return { topic: 'unrouted', sink, from: streamId, to: streamId };
};

/** Whether it was routed again already, and another time would come to the same: nothing is offered then. */
export const isSettled = ({ mayRouteAgain, routedAgain }: Rerouting): boolean => !mayRouteAgain && routedAgain !== null;

/** Why it cannot be routed again now. */
export const againRefusal = (isLooking: boolean, found: DryRun | undefined): string | undefined => {
  if (isLooking || found === undefined) return 'Still searching.';
  return found.matched === 0 ? 'No longer retained.' : undefined;
};
