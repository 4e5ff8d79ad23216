import { useLive } from '../api/live.js';
import { clock } from '../ui/format.js';
import { useNow } from '../ui/time.js';

const QUIET_AFTER_MS = 5000;

/** Whether what is shown is what is. */
export const LiveState = () => {
  const { snapshot, cameAt, trouble } = useLive();
  const isLive = useNow() - cameAt < QUIET_AFTER_MS;
  const quiet = isLive ? 'Live' : `Not updating since ${clock(cameAt)}`;
  const state = trouble !== null ? 'is-bad' : snapshot !== null && isLive ? 'is-live' : '';
  return (
    <div className={`state ${state}`} role="status" title={trouble ?? undefined}>
      <span className="lamp" />
      <span className="words">{trouble ?? (snapshot === null ? 'Connecting' : quiet)}</span>
    </div>
  );
};
