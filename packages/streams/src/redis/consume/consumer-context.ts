import type { Redis } from 'ioredis';
import type { Keys } from '../connection/keys.js';
import type { MemoryGauge } from '../connection/memory.js';
import type { Controls } from '../control/controls.js';
import type { Functions } from '../functions/functions.js';
import type { Recorder } from '../settle/recorder.js';
import type { Leases } from './lease.js';
import type { ReadBudget } from './read-budget.js';

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
