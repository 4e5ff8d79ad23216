import type { AppendOptions, AppendResult, Producer, StreamedEvent, StreamName } from '../../contract.js';
import { oneLine } from '../../entry.js';
import { LONGEST_DELAY_MS, withinMs } from '../../time/interval.js';
import type { Keys } from '../connection/keys.js';
import type { Functions } from '../functions/functions.js';
import { asGateClosed } from '../partitions/gate.js';
import type { Confirmation } from './durability.js';

/** How long and how many events are remembered, for each partition. */
export interface DeduplicationWindow {
  /** Default 24 h. */
  readonly windowMs: number;
  /** Default 1,000,000, about 110 MB of Redis. */
  readonly maxEntries: number;
}

/** Hashes in the ring: at least three quarters of the window are remembered when one was just dropped for its size. */
export const GENERATIONS = 4;
const CALL_EVENTS = 500;
const MOST_EVENTS = 1_000_000_000;
const CALL_BYTES = 1024 * 1024;

/** Appends by one Function call for up to 500 events and 1 MiB. */
export class Appender implements Producer {
  private readonly limits: readonly [number, number, number];

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    window: DeduplicationWindow,
    /** Waits for each append to be safe; absent where Redis's own word will do. */
    private readonly confirmation?: Confirmation,
    /** Most events of an entry: from 2 on they are written as frames. */
    private readonly frameMaxEvents = 1,
  ) {
    this.limits = [
      withinMs(Math.ceil(window.windowMs / (GENERATIONS - 1)), 0, LONGEST_DELAY_MS),
      Math.min(MOST_EVENTS, Math.max(CALL_EVENTS, Math.floor(window.maxEntries / GENERATIONS))),
      frameMaxEvents,
    ];
  }

  append(stream: StreamName, events: readonly StreamedEvent[], options?: AppendOptions): Promise<AppendResult[]> {
    const write = () => this.write(stream, events, options);
    return this.confirmation === undefined || events.length === 0 ? write() : this.confirmation.of(write);
  }

  private async write(
    stream: StreamName,
    events: readonly StreamedEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult[]> {
    const keys = this.keysOf(stream);
    const results: AppendResult[] = [];
    for (let from = 0; from < events.length; ) {
      const to = endOfCall(events, from);
      const payload = this.payloadOf(events, options?.digests, from, to);
      await this.call(keys, [...this.limits, options?.among ?? '', ...payload], results).catch((error: Error) => {
        throw asGateClosed(error, stream.partition);
      });
      from = to;
    }
    return results;
  }

  private async call(keys: string[], args: (string | number)[], results: AppendResult[]): Promise<void> {
    for (const id of (await this.functions.call('append', keys, args)) as string[]) {
      if (id.startsWith('=')) results.push({ status: 'duplicate', position: id.slice(1) });
      else if (id.startsWith('!')) results.push({ status: 'conflict', position: id.slice(1) });
      else results.push({ status: 'accepted', position: id });
    }
  }

  private keysOf(stream: StreamName): string[] {
    const generations = Array.from({ length: GENERATIONS }, (_, n) => this.keys.seen(n, stream.partition));
    return [
      this.keys.stream(stream),
      this.keys.frames(stream.partition),
      this.keys.seen('state', stream.partition),
      this.keys.gate(stream.partition),
      ...generations,
    ];
  }

  /** Events as the Function takes them: how many, digests an event, the digests, then types and texts. */
  private payloadOf(
    events: readonly StreamedEvent[],
    digests: AppendOptions['digests'],
    from: number,
    to: number,
  ): (string | number)[] {
    let each = 0;
    for (let n = from; digests !== undefined && n < to; n += 1) each = Math.max(each, digests[n]?.length ?? 0);
    const args: (string | number)[] = [to - from, each];
    for (let n = from; n < to; n += 1) for (let d = 0; d < each; d += 1) args.push(digests?.[n]?.[d] ?? '');
    for (let n = from; n < to; n += 1) {
      const { type, json } = events[n] as StreamedEvent;
      args.push(type, this.frameMaxEvents > 1 ? oneLine(json) : json);
    }
    return args;
  }
}

/** The index after the last event that a call which begins at `from` has room for; at least one. */
const endOfCall = (events: readonly StreamedEvent[], from: number): number => {
  let bytes = 0;
  let to = from;
  while (to < events.length && to - from < CALL_EVENTS) {
    bytes += (events[to] as StreamedEvent).json.length;
    if (to > from && bytes > CALL_BYTES) break;
    to += 1;
  }
  return to;
};
