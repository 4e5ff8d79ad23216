import type { AppendOptions, AppendResult, Producer, StreamedEvent, StreamName } from '../contract.js';
import type { Confirmation } from './durability.js';
import type { Functions } from './functions.js';
import type { Keys } from './keys.js';

/** How long and how many digests are remembered, for each partition. */
export interface DeduplicationWindow {
  /** Default 24 h. */
  readonly windowMs: number;
  /** Default 1,000,000, about 110 MB of Redis. */
  readonly maxEntries: number;
}

/** Hashes in the ring: at least three quarters of the window are remembered when one was just dropped for its size. */
const GENERATIONS = 4;
const CALL_EVENTS = 500;
const CALL_BYTES = 1024 * 1024;
const NO_DIGESTS: readonly string[] = [];

/** Appends by one Function call for up to 500 events and 1 MiB. */
export class Appender implements Producer {
  private readonly limits: readonly [number, number, number];

  constructor(
    private readonly functions: Functions,
    private readonly keys: Keys,
    window: DeduplicationWindow,
    /** Waits for each append to be safe; absent where Redis's own word will do. */
    private readonly confirmation?: Confirmation,
  ) {
    this.limits = [
      Math.ceil(window.windowMs / (GENERATIONS - 1)),
      Math.max(CALL_EVENTS, Math.floor(window.maxEntries / GENERATIONS)),
      confirmation === undefined ? 0 : 1,
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
    let args: (string | number)[] = [...this.limits];
    let count = 0;
    let bytes = 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as StreamedEvent;
      if (count === CALL_EVENTS || (count > 0 && bytes + event.json.length > CALL_BYTES)) {
        results.push(...(await this.call(keys, args)));
        args = [...this.limits];
        count = bytes = 0;
      }
      const digests = options?.digests?.[i] ?? NO_DIGESTS;
      args.push(event.type, event.json, digests.length, ...digests);
      count += 1;
      bytes += event.json.length;
    }
    if (count > 0) results.push(...(await this.call(keys, args)));
    return results;
  }

  private async call(keys: string[], args: (string | number)[]): Promise<AppendResult[]> {
    const ids = (await this.functions.call('append', keys, args)) as string[];
    return ids.map((id) =>
      id.startsWith('=') ? { status: 'duplicate', position: id.slice(1) } : { status: 'accepted', position: id },
    );
  }

  private keysOf(stream: StreamName): string[] {
    const generations = Array.from({ length: GENERATIONS }, (_, n) => this.keys.seen(n, stream.partition));
    return [this.keys.stream(stream), this.keys.seen('state', stream.partition), ...generations];
  }
}
