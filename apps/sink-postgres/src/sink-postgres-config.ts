import { Duration, OneOf, Text, TopicsConfig, Url, Whole } from '@millrace/host';

/** What the Postgres sink reads from its environment. */
export class SinkPostgresConfig extends TopicsConfig {
  @Whole(0, 65_535)
  override PORT: number = 8082;

  @Url('postgres', 'postgresql')
  DATABASE_URL: string = 'postgres://postgres@127.0.0.1:5432/postgres';

  /** Table that the events go to, with its schema if it is not the first of the search path. */
  @Text(
    'a table such as events or schema.events, of lower-case letters, digits and "_"',
    /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/,
  )
  EVENTS_TABLE: string = 'millrace_events';

  /** A YAML file of tables of one's own that topics are mapped to. */
  @Text('the path of a YAML file')
  MAPPING_FILE?: string;

  /** `month`: each month of `time` is a table of its own, and `time` is part of the key. */
  @OneOf('none', 'month')
  PARTITION_BY: 'none' | 'month' = 'none';

  /** `transaction` where a pooler as PgBouncer hands out connections by the transaction: no COPY, no settings at the start. */
  @OneOf('none', 'transaction')
  POOLER: 'none' | 'transaction' = 'none';

  /** Whether the table is made where it is missing; `off` for users that may not. */
  @OneOf('on', 'off')
  MIGRATE: string = 'on';

  /** Most connections. One write is in progress at a time for each partition. */
  @Whole(1, 1000)
  POOL_MAX: number = 4;

  /** How long Postgres may take for one statement. */
  @Duration()
  STATEMENT_TIMEOUT: number = 10_000;
}
