import { ask } from '../../api/client.js';
import { useLive } from '../../api/live.js';
import type { Replay, TraceTopic } from '../../api/types.js';
import { useAction } from '../../api/use-action.js';
import { href } from '../../shell/location.js';
import { Button } from '../../ui/button.js';
import { Problem, Said } from '../../ui/panel.js';
import type { EventPlace } from './event-place.js';

/** For an event that no route matched: once a route is mended, it is routed by what is in force then. */
export const RouteAgain = ({ topic: { streamId }, place }: { topic: TraceTopic; place: EventPlace }) => {
  const { snapshot } = useLive();
  const router = snapshot?.sinks.find(({ streams }) => streams.includes('in'))?.name ?? 'router';
  const again = useAction(() =>
    ask<Replay>('replays', { method: 'POST', body: { topic: 'unrouted', sink: router, from: streamId, to: streamId } }),
  );
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
