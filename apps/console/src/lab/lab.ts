/** A consumer of the lab. */
export interface LabConsumerView {
  readonly name: string;
  readonly state: 'running' | 'crashed';
  /** Entries that it acknowledged. */
  readonly handled: number;
  readonly pending: number;
  readonly idleMs: number;
  /** Entries after which it will stop without acknowledging; null where it will not. */
  readonly crashAfter: number | null;
}

/** An entry that a consumer of the lab has in hand. */
export interface LabEntry {
  readonly id: string;
  readonly partition: number;
  readonly consumer: string;
  readonly idleMs: number;
  readonly deliveries: number;
}

/** What goes on in the lab of a topic. */
export interface LabView {
  readonly topic: string;
  /** The consumer group of the scratch stream. */
  readonly group: string;
  /** Of the scratch stream. */
  readonly length: number;
  readonly lag: number;
  readonly pending: number;
  readonly running: boolean;
  readonly consumers: readonly LabConsumerView[];
  /** The oldest that are in hand. */
  readonly entries: readonly LabEntry[];
  /** What happened, the newest first. */
  readonly log: readonly { readonly at: number; readonly text: string }[];
}
