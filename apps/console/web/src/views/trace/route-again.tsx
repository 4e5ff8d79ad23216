import { ask } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import type { Replay, TraceTopic } from '../../api/types.js';
import { useAction } from '../../api/use-action.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Problem, Said } from '../../ui/panel.js';
import { Ago } from '../../ui/time.js';
import type { EventPlace } from './event-place.js';

interface RouteAgainProps {
  readonly topic: TraceTopic;
  readonly rerouting: NonNullable<TraceTopic['rerouting']>;
  readonly place: EventPlace;
}

/** For an event that no route matched: once a route is mended, it is routed by what is in force then. */
export const RouteAgain = ({ topic: { streamId }, rerouting, place }: RouteAgainProps) => {
  const { routedAgain, mayRouteAgain } = rerouting;
  const { snapshot } = useLive();
  const router = snapshot?.sinks.find(({ streams }) => streams.includes('in'))?.name ?? 'router';
  const again = useAction(() =>
    ask<Replay>('replays', { method: 'POST', body: { topic: 'unrouted', sink: router, from: streamId, to: streamId } }),
  );
  if (!mayRouteAgain && routedAgain !== null) {
    return (
      <p className="note">
        Routed again <Ago at={routedAgain.at} />: the <a href={href(['replay'])}>replay</a> is {routedAgain.state}. No
        other routes are live since, so another one comes to the same.
      </p>
    );
  }
  return (
    <div className="stack tight">
      <p className="note">
        No route matched it. Mend one above, or <a href={href(['routes'], { new: '1', ...place })}>make another</a>,
        then route it again.
      </p>
      <div className="row">
        <Button needs="operate" isBusy={again.isBusy} onClick={() => void again.run()}>
          Route again
        </Button>
        {again.result === undefined ? null : <Said>It is with the router; what it comes to is shown here soon.</Said>}
      </div>
      <Problem error={again.error} />
    </div>
  );
};
