import type { DryRun, Replay, TraceTopic } from '@millrace/admin-api';
import { useState } from 'react';
import { ask } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import { useAction } from '../../api/use-action.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { plural } from '../../ui/format.js';
import { Said, Warnings } from '../../ui/panel.js';
import { Ago } from '../../ui/time.js';
import type { EventPlace } from './event-place.js';
import { againOf, againRefusal, isSettled } from './rerouting.js';

interface RouteAgainProps {
  readonly topic: TraceTopic;
  readonly rerouting: NonNullable<TraceTopic['rerouting']>;
  readonly place: EventPlace;
}

/** For an event that no route matched: once a route is fixed, it is routed by what is live then. */
export const RouteAgain = ({ topic, rerouting, place }: RouteAgainProps) => {
  const { routedAgain } = rerouting;
  const { snapshot } = useLive();
  const [isAsking, setAsking] = useState(false);
  const body = againOf(topic, snapshot);
  const look = useAction(() => ask<DryRun>('replays', { method: 'POST', body: { ...body, dryRun: true } }));
  const again = useAction(async () => {
    const begun = await ask<Replay>('replays', { method: 'POST', body });
    setAsking(false);
    return begun;
  });
  if (routedAgain !== null && isSettled(rerouting)) {
    return (
      <p className="note">
        Routed again <Ago at={routedAgain.at} />: the <a href={href(['replay'])}>replay</a> is {routedAgain.state}. No
        routes have changed since, so routing it again gives the same result.
      </p>
    );
  }
  return (
    <div className="stack tight">
      <p className="note">
        No route matched it. Fix one above, or <a href={href(['routes'], { new: '1', ...place })}>create another</a>,
        then route it again.
      </p>
      <div className="row">
        <Button
          needs="operate"
          onClick={() => {
            setAsking(true);
            void look.run();
          }}
        >
          Route again…
        </Button>
        {again.result === undefined ? null : <Said>Sent to the router; the result is shown here soon.</Said>}
      </div>
      {isAsking ? (
        <Confirm
          title="Route this event again?"
          onClose={() => setAsking(false)}
          label="Route it"
          action={again}
          needs="operate"
          refused={againRefusal(look.isBusy, look.result)}
          error={look.error}
        >
          <p>
            <strong>{look.result === undefined ? 'Counting…' : plural(look.result.matched, 'event')}</strong> of
            unrouted will be sent to {body.sink} again, and from there to the topics of the live routes that match. If
            none matches, it is stored in unrouted again.
          </p>
          <Warnings of={look.result?.warnings ?? []} />
        </Confirm>
      ) : null}
    </div>
  );
};
