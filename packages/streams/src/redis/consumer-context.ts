import type { Redis } from 'ioredis';
import type { Controls } from './controls.js';
import type { Functions } from './functions.js';
import type { Keys } from './keys.js';
import type { Leases } from './lease.js';
import type { MemoryGauge } from './memory.js';
import type { ReadBudget } from './read-budget.js';
import type { Recorder } from './recorder.js';

/** What a consumer needs of the transport that made it. */
export interface ConsumerContext {
  /** Of the server that has the consumer's partition. */
  readonly functions: Functions;
  /** For commands of the consumer's partition that return at once. */
  readonly commands: Redis;
  readonly keys: Keys;
  readonly gauge: MemoryGauge;
  readonly leases: Leases;
  /** Most events of an entry that is written. */
  readonly frameMaxEvents: number;
  readonly controls: Controls;
  readonly recorder: Recorder;
  /** What the consumers of the process may have in flight. */
  readonly budget: ReadBudget;
  /** Opens the connection of the blocking read. */
  readonly openBlocking: () => Redis;
  readonly onError: (error: Error) => void;
  readonly onNotice: (notice: string) => void;
  /** Aborts when the transport closes. */
  readonly closing: AbortSignal;
  /** Told when the consumer starts to read; the promise resolves when it has left. */
  readonly onRunning: (ended: Promise<void>) => void;
}
