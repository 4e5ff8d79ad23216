import { readFileSync } from 'node:fs';
import { Evaluator } from '@millrace/expressions';
import { LOGGER, type Logger } from '@millrace/host';
import { SinkModule } from '@millrace/sink';
import { EventsTable } from './events-table/events-table.js';
import { MappedTable } from './mapping/mapped-table.js';
import { MappingError, parseMappings, type TableMapping } from './mapping/mapping.js';
import { openPool, type Pool } from './pool.js';
import { POOL, PostgresSink, TARGETS, type Targets } from './postgres-sink.js';
import { SinkPostgresConfig } from './sink-postgres-config.js';
import type { Target } from './target.js';

const mappingsOf = (file: string | undefined): TableMapping[] => {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new MappingError(`${file}: cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  return parseMappings(text, file);
};

/** For one evaluation; whoever wrote the expression runs the sink, so this is against mistakes, and bad luck with an event. */
const EXPRESSION_LIMITS = { timeoutMs: 100, memoryMb: 128 };

const targetsOf = (pool: Pool, config: SinkPostgresConfig, log: Logger): Targets => {
  const evaluator = new Evaluator(EXPRESSION_LIMITS);
  const mapped = new Map<string, Target>(
    mappingsOf(config.MAPPING_FILE).map((mapping) => [mapping.topic, new MappedTable(pool, mapping, evaluator, log)]),
  );
  const events = new EventsTable(
    pool,
    config.EVENTS_TABLE,
    {
      migrates: config.MIGRATE === 'on',
      isPartitioned: config.PARTITION_BY === 'month',
      copies: config.POOLER !== 'transaction',
    },
    log,
  );
  // Where every topic is mapped, nobody needs the table of events.
  const isNeeded = config.TOPICS.some((topic) => !mapped.has(topic));
  return {
    of: (topic) => mapped.get(topic) ?? events,
    all: [...mapped.values(), ...(isNeeded ? [events] : [])],
    close: () => evaluator.close(),
  };
};

/** Delivers topics to tables of Postgres. */
@SinkModule({
  hop: 'sink-postgres',
  config: SinkPostgresConfig,
  sink: PostgresSink,
  timeOut: ({ STATEMENT_TIMEOUT }) => ({ name: 'STATEMENT_TIMEOUT', ms: STATEMENT_TIMEOUT }),
  providers: [
    { provide: POOL, inject: [SinkPostgresConfig, LOGGER], useFactory: openPool },
    { provide: TARGETS, inject: [POOL, SinkPostgresConfig, LOGGER], useFactory: targetsOf },
  ],
})
export class SinkPostgresModule {}
