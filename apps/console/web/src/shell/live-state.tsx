import { useLive } from '../api/live.js';
import { clock } from '../ui/format.js';
import { useNow } from '../ui/time.js';

const QUIET_AFTER_MS = 5000;

/** Whether what is shown is what is. */
export const LiveState = () => {
  const { snapshot, cameAt, trouble } = useLive();
  const now = useNow();
  if (trouble !== null) {
    return (
      <div className="state is-bad" role="status" title={trouble}>
        <span className="lamp" />
        <span className="words">{trouble}</span>
      </div>
    );
  }
  const isLive = snapshot !== null && now - cameAt < QUIET_AFTER_MS;
  return (
    <div className={isLive ? 'state is-live' : 'state'} role="status">
      <span className="lamp" />
      <span className="words">
        {isLive ? 'Live' : snapshot === null ? 'Connecting' : `Not updating since ${clock(cameAt)}`}
      </span>
    </div>
  );
};
