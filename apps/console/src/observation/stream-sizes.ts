import type { Observations } from '@millrace/operations';
import type { StreamName } from '@millrace/streams';
import type { StreamState } from '@millrace/streams/redis';

/** To measure a long stream takes Redis up to 10 ms, so it is not done with every look. */
const LONG = 10_000;
const FRESH_MS = 5000;

/** Bytes of streams: those of long ones as they were up to five seconds ago. */
export class StreamSizes {
  private readonly known = new Map<string, { readonly at: number; readonly bytes: number | null }>();

  constructor(private readonly observations: Observations) {}

  /** Null where the server does not tell. Rejects with `Unavailable`. */
  async of(streams: readonly StreamName[], states: readonly (StreamState | undefined)[]): Promise<(number | null)[]> {
    const now = performance.now();
    const isKnown = (stream: StreamName, i: number) =>
      (states[i]?.length ?? 0) > LONG &&
      now - (this.known.get(nameOf(stream))?.at ?? Number.NEGATIVE_INFINITY) < FRESH_MS;
    const asked = streams.filter((stream, i) => !isKnown(stream, i));
    const sizes = await this.observations.bytes(asked);
    for (const [i, stream] of asked.entries()) this.known.set(nameOf(stream), { at: now, bytes: sizes[i] ?? null });
    return streams.map((stream) => this.known.get(nameOf(stream))?.bytes ?? null);
  }
}

const nameOf = ({ name, partition }: StreamName): string => `${partition} ${name}`;
