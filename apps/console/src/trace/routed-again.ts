import type { Rerouting } from '@millrace/admin-api';
import { UNROUTED } from '@millrace/streams';
import { Inject, Injectable } from '@nestjs/common';
import { isUnfinished } from '../jobs/job.js';
import type { StoredReplay } from '../replays/replay.js';
import { ReplayStore } from '../replays/replay-store.js';
import { ManagedRoutes } from '../routes/managed-routes.js';
import { byPosition } from '../topics/stream-merge.js';

/** Tells whether an event that no route matched was handed to the router again. Rejects with `Unavailable`. */
@Injectable()
export class Reroutings {
  constructor(
    @Inject(ReplayStore) private readonly replays: ReplayStore,
    @Inject(ManagedRoutes) private readonly routes: ManagedRoutes,
  ) {}

  async of(partition: number, position: string): Promise<Rerouting> {
    const [all, [change]] = await Promise.all([this.replays.all(), this.routes.history(1, undefined)]);
    const found = all.find(({ order, state }) => state !== 'cancelled' && covers(order, partition, position));
    if (found === undefined) return { routedAgain: null, mayRouteAgain: true };
    const { order, state } = found;
    const isChanged = change !== undefined && change.at > order.createdAt;
    return {
      routedAgain: { replay: order.id, state, at: order.createdAt },
      mayRouteAgain: state === 'failed' || (!isUnfinished(state) && isChanged),
    };
  }
}

/** With a pattern it is not known whether the event was of it. */
const covers = ({ topic, pattern, from, ends }: StoredReplay, partition: number, position: string): boolean => {
  const end = ends[partition];
  if (topic !== UNROUTED || pattern !== null || end === null || end === undefined) return false;
  const isAfter = from === '-' || byPosition(position, from) >= 0;
  return isAfter && byPosition(position, end.includes('-') ? end : `${end}-18446744073709551615`) <= 0;
};
