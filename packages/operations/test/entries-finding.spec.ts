import { entriesFinding } from '@millrace/operations';
import type { StreamState } from '@millrace/streams/redis';

const state = (length: number, entries: number): StreamState => ({ length, entries, added: length, groups: [] });
const at = (name: string, partition = 0) => ({ name, partition });

describe('what the doctor says of entries', () => {
  it('is how many events there are where each has one', () => {
    expect(entriesFinding([at('in'), at('topic:a')], [state(3, 3), state(2, 2)])).toEqual({
      check: 'entries',
      verdict: 'ok',
      detail: '5 events are stored, an entry for each',
    });
  });

  it('names the streams that hold frames, the largest first, and counts the rest', () => {
    const streams = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, n) => at(name, n));
    const { detail } = entriesFinding(
      streams,
      streams.map((_, n) => state(n * 10, n)),
    );
    expect(detail).toBe(
      '210 events are stored in 21 entries (frames): g (partition 6) 60 in 6, f (partition 5) 50 in 5, ' +
        'e (partition 4) 40 in 4, d (partition 3) 30 in 3, c (partition 2) 20 in 2 and 1 more; XLEN, XINFO and ' +
        'redis_exporter count entries, the metrics of Millrace count events',
    );
  });
});
