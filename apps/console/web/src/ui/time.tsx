import { Store, useStore } from '../api/store.js';
import { ago, clock, NONE } from './format.js';

const now = new Store(Date.now());
setInterval(() => {
  if (!document.hidden) now.set(Date.now());
}, 1000);

/** Unix milliseconds, once a second. */
export const useNow = (): number => useStore(now);

const Time = ({ at, children }: { at: number | null | undefined; children: string }) => {
  if (at === null || at === undefined) return <span className="soft">{NONE}</span>;
  const exact = new Date(at).toISOString();
  return (
    <time dateTime={exact} title={exact}>
      {children}
    </time>
  );
};

/** "12 s ago", with the time itself when pointed at. */
export const Ago = ({ at }: { at: number | null | undefined }) => <Time at={at}>{ago(at, useNow())}</Time>;

/** 14:03:22.123 */
export const Clock = ({ at }: { at: number | null | undefined }) => <Time at={at}>{clock(at)}</Time>;
