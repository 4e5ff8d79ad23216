import type { StreamName } from '@millrace/streams';
import type { Finding, StreamState } from '@millrace/streams/redis';

/** So many streams are named, the largest first. */
const MOST_NAMED = 5;

/** What the doctor says of how many events the entries of streams hold: what counts entries, as XLEN does, counts fewer. */
export const entriesFinding = (streams: readonly StreamName[], states: readonly StreamState[]): Finding => {
  const total = (of: (state: StreamState) => number) => states.reduce((sum, state) => sum + of(state), 0);
  const events = total(({ length }) => length);
  const entries = total((state) => state.entries);
  if (events === entries) {
    return { check: 'entries', verdict: 'ok', detail: `${events} events are stored, an entry for each` };
  }
  const framed = states
    .map((state, n) => ({ ...state, ...(streams[n] as StreamName) }))
    .filter((state) => state.length > state.entries)
    .sort((a, b) => b.length - a.length);
  const named = framed
    .slice(0, MOST_NAMED)
    .map(({ name, partition, length, entries: of }) => `${name} (partition ${partition}) ${length} in ${of}`);
  const rest = framed.length > MOST_NAMED ? ` and ${framed.length - MOST_NAMED} more` : '';
  return {
    check: 'entries',
    verdict: 'ok',
    detail:
      `${events} events are stored in ${entries} entries (frames): ${named.join(', ')}${rest}; XLEN, XINFO and ` +
      'redis_exporter count entries, the metrics of Millrace count events',
  };
};
