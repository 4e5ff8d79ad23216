import type { Form, Payload } from './load/bodies.js';

/** Where the events end. `gateway`: in the inbox, nothing reads it. `router`: in the topics. `null`: a sink that does nothing. */
export type End = 'gateway' | 'router' | 'null' | 'postgres' | 'timeseries' | 'webhook';

/** One thing to measure, for the product and its floor. */
export interface BenchCase {
  readonly name: string;
  /** What it is, in a line. */
  readonly about: string;
  readonly end: End;
  readonly form: Form;
  readonly payload: Payload;
  /** Events of a request. */
  readonly batch: number;
  /** Requests under way at once. */
  readonly connections: number;
  /** Events of a measurement. */
  readonly events: number;
  /** Whether Redis keeps an append-only file, synced every second. */
  readonly aof: boolean;
  readonly routes: number;
  /** Topics that each event goes to. */
  readonly topics: number;
  readonly deduplicates: boolean;
  /** Sent at this rate instead of as many as are taken: for latency. */
  readonly perSecond?: number;
  /** Most events of an entry, where it is not the product's default. The floor has an entry for each, but where it appends as the product does. */
  readonly frameMaxEvents?: number;
  /** What is measured begins when all events are in the topic and the sink starts. */
  readonly isBacklog?: boolean;
  /** How often it is measured, whatever was asked for. */
  readonly rounds?: number;
  /** Whether the floor appends as the product does, deduplication included: then what is compared is all else. */
  readonly sameAppend?: boolean;
  /** What HTTP the floor uses. */
  readonly floorHttp: 'node' | 'fastify';
  /** The ratio of CPU that the product is to stay under, where there is one. */
  readonly target?: number;
  /** Whether it is part of a quick run. */
  readonly isQuick?: boolean;
}
