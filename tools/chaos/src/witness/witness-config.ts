import { TopicsConfig, Url } from '@millrace/host';

/** What the witness reads from its environment. */
export class WitnessConfig extends TopicsConfig {
  @Url('postgres', 'postgresql')
  DATABASE_URL: string = 'postgres://postgres@127.0.0.1:5432/postgres';
}
