import { Store, useStore } from '../api/store.js';
import { ago, clock, NONE } from './format.js';

const now = new Store(Date.now());
setInterval(() => {
  if (!document.hidden) now.set(Date.now());
}, 1000);

/** Unix milliseconds, once a second. */
export const useNow = (): number => useStore(now);

/** "12 s ago", with the time itself when pointed at. */
export const Ago = ({ at }: { at: number | null | undefined }) => {
  const current = useNow();
  if (at === null || at === undefined) return <span className="soft">{NONE}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {ago(at, current)}
    </time>
  );
};

/** 14:03:22.123 */
export const Clock = ({ at }: { at: number | null | undefined }) =>
  at === null || at === undefined ? (
    <span className="soft">{NONE}</span>
  ) : (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {clock(at)}
    </time>
  );
