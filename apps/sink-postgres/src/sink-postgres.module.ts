import { LOGGER, type Logger } from '@millrace/host';
import { SinkModule } from '@millrace/sink';
import { EventsTable } from './events-table.js';
import { openPool, type Pool } from './pool.js';
import { POOL, PostgresSink } from './postgres-sink.js';
import { SinkPostgresConfig } from './sink-postgres-config.js';

/** Delivers topics to a table of Postgres. */
@SinkModule({
  hop: 'sink-postgres',
  config: SinkPostgresConfig,
  sink: PostgresSink,
  timeOut: ({ STATEMENT_TIMEOUT }) => ({ name: 'STATEMENT_TIMEOUT', ms: STATEMENT_TIMEOUT }),
  providers: [
    { provide: POOL, inject: [SinkPostgresConfig, LOGGER], useFactory: openPool },
    {
      provide: EventsTable,
      inject: [POOL, SinkPostgresConfig, LOGGER],
      useFactory: (pool: Pool, config: SinkPostgresConfig, log: Logger) =>
        new EventsTable(pool, config.EVENTS_TABLE, config.MIGRATE === 'on', log),
    },
  ],
})
export class SinkPostgresModule {}
