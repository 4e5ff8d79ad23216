import type { Sink, SinkEvent } from '@millrace/sink';
import { Unavailable } from '@millrace/streams';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { WitnessConfig } from './witness-config.js';

const TABLE = 'CREATE TABLE IF NOT EXISTS witness (seq bigserial PRIMARY KEY, key text NOT NULL, n int NOT NULL)';
const ANSWER_WITHIN_MS = 5000;

/** A sink that writes down what it is given, in the order in which it is, and dies of events that say so. */
@Injectable()
export class WitnessSink implements Sink, OnApplicationShutdown {
  private readonly pool: pg.Pool;
  private isThere = false;

  constructor(@Inject(WitnessConfig) { DATABASE_URL }: WitnessConfig) {
    const connectionString = DATABASE_URL;
    const limits = { connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS };
    this.pool = new pg.Pool({ connectionString, max: 1, ...limits });
    this.pool.on('error', () => undefined); // An idle connection that was cut; the next query says what matters.
  }

  async write(batch: readonly SinkEvent[]): Promise<void> {
    if (batch.some(({ event }) => (event.data as { deadly?: boolean }).deadly === true)) {
      process.kill(process.pid, 'SIGKILL');
    }
    try {
      if (!this.isThere) await this.pool.query(TABLE);
      this.isThere = true;
      const keys = batch.map(({ event }) => String(event.partitionkey));
      const numbers = batch.map(({ event }) => (event.data as { n: number }).n);
      await this.pool.query('INSERT INTO witness (key, n) SELECT * FROM unnest($1::text[], $2::int[])', [
        keys,
        numbers,
      ]);
    } catch (cause) {
      throw new Unavailable(`Postgres: ${(cause as Error).message}`, { cause });
    }
  }

  /** After the consumers have stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
